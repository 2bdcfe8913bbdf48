"""study.toml: what a study consists of, read and checked before anything is computed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recal_labs.choices import FITTED_BASES, Choices
from recal_labs.errors import FileProblem, StudyError
from recal_labs.study.shape import shape_faults

# The word of [dilution] for a correction that is fitted on the study's own specimens.
OWN = "own"


@dataclass(frozen=True, kw_only=True)
class TableFile:
    """A table of people, bottles or events: where it lies and how its columns are named and coded."""

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PanelFile:
    """A panel export, the profile that reads it, and the lab it comes from."""

    path: Path
    profile: str | Path = "auto"
    lab: str | None = None


@dataclass(frozen=True, kw_only=True)
class OutcomeFile:
    """A file of item answers to one instrument."""

    path: Path
    instrument: str
    columns: Mapping[str, str] = field(default_factory=dict)
    sentinels: tuple[float, ...] = ()
    dates: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Study:
    """Everything a study.toml declares, with paths made whole.

    Of ``[privacy]``: ``key`` is the key file of the pseudonyms, ``shift_days`` the largest distance by which dates are
    moved, ``keep`` the further columns of the subjects table that stay. Of ``[dilution]``: ``dilution_fit`` is a saved
    correction, ``dilution_sample`` says on whom one is fitted.
    """

    path: Path
    title: str
    question: str = ""
    simulated: bool = False
    named_person: str = ""
    labels: tuple[str, ...] = ()
    panels: tuple[PanelFile, ...]
    outcomes: tuple[OutcomeFile, ...]
    subjects: TableFile | None = None
    specimens: TableFile | None = None
    interventions: TableFile | None = None
    adverse_events: TableFile | None = None
    catalogue_extra: Path | None = None
    key: Path | None = None
    shift_days: int = 0
    keep: tuple[str, ...] = ()
    dilution_fit: Path | None = None
    dilution_sample: str = ""
    choices: Choices = field(default_factory=Choices)

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.path.parent

    def input_files(self) -> tuple[Path, ...]:
        """Every file the study names, each once, in a fixed order."""
        tables = (self.subjects, self.specimens, self.interventions, self.adverse_events)
        named = [part.path for part in (*tables, *self.panels, *self.outcomes) if part is not None]
        named += [self.dilution_fit] if self.dilution_fit is not None else []
        named += [panel.profile for panel in self.panels if isinstance(panel.profile, Path)]
        return tuple(dict.fromkeys(named))


def _table(folder: Path, entry: Any) -> TableFile | None:
    if entry is None:
        return None
    if isinstance(entry, str):
        return TableFile(path=folder / entry)
    return TableFile(
        path=folder / entry["path"],
        columns=entry.get("columns", {}),
        codes=entry.get("codes", {}),
        dates=tuple(entry.get("dates", ())),
    )


def _profile(folder: Path, name: str) -> str | Path:
    return folder / name if name.endswith(".toml") else name


def _repeated_panels(study: Study) -> Iterator[str]:
    seen = set()
    for panel in study.panels:
        if (place := panel.path.resolve()) in seen:
            yield f"{study.path.name}: {panel.path} stands twice in [[files.panels]]; expected each file once"
        seen.add(place)


def _dilution_faults(content: Mapping[str, Any], choices: Choices) -> Iterator[str]:
    """Yield what is wrong with [dilution] beside the basis; nothing is ever fitted without being asked for."""
    ways = (
        'fit = "fit.json" (what recal-labs fit-dilution saved), or sample = "own" (fitted on this study\'s specimens)'
    )
    declared = content.get("dilution")
    if choices.basis not in FITTED_BASES:
        if declared is not None:
            yield f"[dilution] needs a basis that is fitted; [choices] says basis = {choices.basis!r}"
    elif not declared:
        yield f"basis = {choices.basis!r} needs a [dilution] with {ways}"
    elif ("fit" in declared) == ("sample" in declared):
        yield f"[dilution] holds {', '.join(declared)}; expected one of {ways}"
    elif declared.get("sample", OWN) != OWN:
        yield f"sample in [dilution] is {declared['sample']!r}; expected {OWN!r}, or a saved fit in its place"


def _missing_files(study: Study) -> Iterator[str]:
    folders = [study.catalogue_extra] if study.catalogue_extra else []
    for path in (*study.input_files(), *folders):
        wanted = "folder" if path in folders else "file"
        if not path.exists():
            yield f"{study.path.name}: {path} does not exist; expected a {wanted}"
        elif path.is_dir() != (wanted == "folder"):
            yield f"{study.path.name}: {path} is {'a folder' if path.is_dir() else 'no folder'}; expected a {wanted}"


def read_study(path: Path | str) -> Study:
    """Read and check a study.toml.

    Parameters
    ----------
    path : path
        The file; relative paths in it start from its folder.

    Returns
    -------
    Study

    Raises
    ------
    FileProblem
        When the file is missing or is not TOML.
    StudyError
        Naming every unknown key (with the nearest known one), missing part and missing file at once.
    RecalLabsError
        When a choice is unknown or cannot be carried out.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as err:
        raise FileProblem(path, "there is no such file", "a study.toml", "check the path") from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise FileProblem(path, f"it is not TOML ({err})", "a study.toml", "mend that line") from err
    except IsADirectoryError as err:
        raise FileProblem(path, "it is a folder", "a study.toml", "name the study.toml in it") from err
    except OSError as err:
        raise FileProblem(path, f"it cannot be read ({err.strerror})", "a study.toml", "check its permissions") from err
    if faults := [f"{path.name}: {fault}" for fault in shape_faults(content)]:
        raise StudyError(f"{path} cannot be used", faults)
    choices = Choices.from_mapping(content.get("choices", {}), f"{path.name} [choices]")
    if faults := [f"{path.name}: {fault}" for fault in _dilution_faults(content, choices)]:
        raise StudyError(f"{path} cannot be used", faults)
    folder, about, files = path.parent, content["study"], content["files"]
    dilution = content.get("dilution", {})
    extra, privacy = content.get("catalogue", {}).get("extra"), content.get("privacy", {})
    study = Study(
        path=path,
        title=about["title"],
        question=about.get("question", ""),
        simulated=about.get("simulated", False),
        named_person=about.get("named_person", ""),
        labels=tuple(about.get("labels", ())),
        panels=tuple(
            PanelFile(
                path=folder / row["path"], profile=_profile(folder, row.get("profile", "auto")), lab=row.get("lab")
            )
            for row in files["panels"]
        ),
        outcomes=tuple(
            OutcomeFile(
                path=folder / row["path"],
                instrument=row["instrument"],
                columns=row.get("columns", {}),
                sentinels=tuple(row.get("sentinels", ())),
                dates=tuple(row.get("dates", ())),
                ignore=tuple(row.get("ignore", ())),
            )
            for row in files["outcomes"]
        ),
        subjects=_table(folder, files.get("subjects")),
        specimens=_table(folder, files.get("specimens")),
        interventions=_table(folder, files.get("interventions")),
        adverse_events=_table(folder, files.get("adverse_events")),
        catalogue_extra=folder / extra if extra else None,
        key=folder / privacy["pseudonymise"] if privacy.get("pseudonymise") else None,
        shift_days=privacy.get("shift_dates", 0),
        keep=tuple(privacy.get("keep", ())),
        dilution_fit=folder / dilution["fit"] if "fit" in dilution else None,
        dilution_sample=dilution.get("sample", ""),
        choices=choices,
    )
    if faults := [*_missing_files(study), *_repeated_panels(study)]:
        raise StudyError(f"{path} cannot be used", faults)
    return study
