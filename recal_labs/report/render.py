"""Rendering: run the notebook on a stored run, and put what it shows on one page that needs nothing else."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recal_labs.catalogue.files import data_folder
from recal_labs.errors import ReportError
from recal_labs.report.html import notebook_style
from recal_labs.report.page_check import check_page
from recal_labs.report.store import open_run
from recal_labs.storage import write_text

NOTEBOOK = "report.ipynb"
TEMPLATES = Path(__file__).parent / "template"
TEMPLATE_NAME = "recal_labs"

# Cells with this tag are shown only in a report of a study with interventions.
IF_CHANGE = "if-change"

SOCKET_PATH_LIMIT = 90

START_SECONDS, CELL_SECONDS = 60, 300


def render_report(
    run_folder: Path | str,
    out: Path | str | None = None,
    *,
    notebook: Path | str | None = None,
    progress: Callable[[str], object] | None = None,
) -> Path:
    """Render one self-contained page from a stored run; the raw data are not needed.

    Parameters
    ----------
    run_folder : path
        Holds ``facts.json`` and ``tables/``, as a finished run leaves them.
    out : path, optional
        The page. Default: ``report.html`` in the run folder.
    notebook : path, optional
        Another notebook than ``notebooks/report.ipynb``, with a ``parameters`` cell that sets ``run_folder``.
    progress : callable, optional
        Told what happens next, in a few words.

    Returns
    -------
    Path
        The page written. It fetches nothing, and it is written whole or not at all.

    Raises
    ------
    FileProblem
        When there is no stored run in the folder.
    ReportError
        When the statement, the section on clinical use or an alternative text is missing, or a cell fails.

    Notes
    -----
    ``RECAL_LABS_*`` variables are not read. The kernel is this very Python, whatever kernels are installed, and starts
    in the run folder, so that the page shows no path of this machine.
    """
    folder = Path(run_folder).resolve()
    target = folder / "report.html" if out is None else Path(out)
    say = progress or (lambda _: None)
    facts = open_run(folder).facts
    say("running the notebook")
    executed = _execute(Path(notebook) if notebook else data_folder("notebooks") / NOTEBOOK, folder)
    say("writing the page")
    executed.cells = [cell for cell in executed.cells if facts["change"] or IF_CHANGE not in _tags(cell)]
    page = _convert(executed, facts)
    check_page(page, statements=_statement_ids(facts), sentences=_required(facts))
    return write_text(target, page)


def _statement_ids(facts: Mapping[str, Any]) -> tuple[str, ...]:
    found = [facts["statement"]["statement_id"]]
    if facts.get("change"):
        found.append(facts["change"]["statement"]["statement_id"])
    return tuple(found)


def _required(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what each section must say, whatever the notebook was turned into."""
    headline = facts["statement"]["headline"]
    statement = facts["statement"]
    required = {
        # The list of findings holds what was seen, the box the rest: together the whole statement.
        "summary": [
            *(headline, *statement["seen"], *statement["weakens"], *statement["cannot_show"]),
            *(statement["for_whom"], statement["closing"]),
            *(line for part in facts["findings"] for line in part["sentences"]),
        ],
        "effects": [headline],
        "panel": facts["reference"]["sentences"],
        "disagreement": (facts.get("disagreement") or {}).get("sentences", []),
        "quality": facts["quality"]["sentences"],
        "utility": facts["utility"]["sentences"],
        "methods": [part["text"] for part in facts["methods"]],
        "limits": facts["limits"],
        "provenance": [facts["provenance"]["catalogue_version"], facts["provenance"]["choices_fingerprint"]],
    }
    if facts.get("change"):
        said = facts["change"]["statement"]
        required["change"] = [facts["change"]["no_control_group"], said["headline"], *said["seen"], *said["weakens"]]
    return required


def _this_python(profile: str) -> type:
    """Return a kernel manager class that starts this Python, not whatever a kernel called python3 is."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    package_parent = str(Path(__file__).resolve().parents[2])
    # Isolated profile: a reader's start-up scripts must not run inside a report. PYTHONPATH: the kernel must find the
    # package that renders, also when it runs from a checkout without being installed.
    environment = {"IPYTHONDIR": profile}
    if "site-packages" not in package_parent:
        environment["PYTHONPATH"] = os.pathsep.join([package_parent, *_inherited_path()])
    spec = KernelSpec(**get_kernel_dict(), env=environment)

    # A socket in a folder of ours, not a network port; its path has a limit of about a hundred characters.
    place = str(Path(profile) / "kernel.json")
    by_file = os.name == "posix" and len(place) < SOCKET_PATH_LIMIT

    class ThisPython(AsyncKernelManager):
        """Starts the interpreter that renders."""

        transport = "ipc" if by_file else "tcp"
        connection_file = place

        @property
        def kernel_spec(self) -> KernelSpec:
            return spec

        async def _async_interrupt_kernel(self) -> None:
            # The manager interrupts a kernel before it ends it; ours is idle by then, and would only complain loudly.
            if not self.shutting_down:
                await super()._async_interrupt_kernel()

    return ThisPython


def _inherited_path() -> list[str]:
    inherited = os.environ.get("PYTHONPATH", "")
    return inherited.split(os.pathsep) if inherited else []


def _execute(notebook: Path, folder: Path) -> Any:
    """Run the notebook in the run folder; return it with its outputs."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    if not notebook.exists():
        raise ReportError(f"There is no notebook {notebook.name} to render with; the installation is incomplete.")
    with tempfile.TemporaryDirectory(prefix="recal_labs_") as profile:
        try:
            return papermill.execute_notebook(
                notebook,
                None,
                parameters={"run_folder": "."},
                kernel_name="python3",
                language="python",
                progress_bar=False,
                log_output=False,
                start_timeout=START_SECONDS,
                execution_timeout=CELL_SECONDS,
                kernel_manager_class=_this_python(profile),
                resources={"metadata": {"path": str(folder)}},
            )
        except PapermillExecutionError as err:
            raise ReportError(
                f"{notebook.name}, cell {err.cell_index}: {err.ename}: {err.evalue}. No page was written."
            ) from err


def _tags(cell: Any) -> list[str]:
    tags: list[str] = cell.metadata.get("tags") or []
    return tags


def _contents(notebook: Any) -> list[dict[str, str]]:
    """Return the headings of the page: the id of the cell is the anchor."""
    found = []
    for cell in notebook.cells:
        heading = re.match(r"## +(.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            found.append({"anchor": cell.id, "title": heading.group(1).strip()})
    return found


def _convert(executed: Any, facts: Mapping[str, Any]) -> str:
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(
        template_name=TEMPLATE_NAME, extra_template_basedirs=[str(TEMPLATES)], exclude_anchor_links=True
    )
    resources = {
        "page": {
            "title": facts["study"]["title"],
            "contents": _contents(executed),
            "notebook_style": notebook_style(),
            "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        }
    }
    body, _ = exporter.from_notebook_node(executed, resources=resources)
    page: str = body
    return page
