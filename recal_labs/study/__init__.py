"""A study: declared in study.toml, run in one go."""

from recal_labs.study.declared import Study, read_study
from recal_labs.study.run import StudyRun, run_study

__all__ = ["Study", "StudyRun", "read_study", "run_study"]
