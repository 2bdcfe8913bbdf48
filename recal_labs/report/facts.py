"""Facts: every number and sentence of a report, gathered once as plain values, rendered many ways."""

from __future__ import annotations

from typing import Any

from recal_labs.report.gather.change import gather_change
from recal_labs.report.gather.disagreement import gather_disagreement
from recal_labs.report.gather.effects import gather_effects, gather_statement
from recal_labs.report.gather.evidence import gather_evidence_facts
from recal_labs.report.gather.limits import gather_limits
from recal_labs.report.gather.methods import gather_methods, planned_words
from recal_labs.report.gather.names import Names
from recal_labs.report.gather.quality import gather_quality
from recal_labs.report.gather.reference import gather_reference
from recal_labs.report.gather.sample import gather_sample, unreadable_sentences
from recal_labs.report.inputs import ReportInputs
from recal_labs.report.plain import as_pandas, plain, records

SCHEMA = 3


def gather_facts(inputs: ReportInputs) -> dict[str, Any]:
    """Gather everything a report says, as plain values that JSON can hold.

    Parameters
    ----------
    inputs : ReportInputs
        What the study computed. Nothing is computed again here but counts.

    Returns
    -------
    dict
        ``study``, ``statement``, ``findings``, ``flow``, ``baseline``, ``effects``, ``change`` (None without
        interventions), ``reference``, ``disagreement`` (None when it was not asked), ``quality``, ``utility``,
        ``methods``, ``limits`` and ``provenance``. A missing number is None. No subject id, no raw text of a reject and
        no safety flag is in it.
    """
    names = Names(inputs.analyte_names, inputs.outcome_names, inputs.source_names)
    table = as_pandas(inputs.associations.table)
    change = inputs.change
    facts: dict[str, Any] = {
        "schema": SCHEMA,
        "study": {
            "title": inputs.title,
            "question": inputs.question,
            "simulated": bool(inputs.simulated),
            "labels": [str(label) for label in inputs.labels],
            "planned": bool(inputs.planned),
            "planned_words": planned_words(planned=bool(inputs.planned)),
            "started": inputs.started,
            "finished": inputs.finished,
        },
        "statement": gather_statement(inputs.associations.statement),
        "flow": [_flow_step(step) for step in inputs.flow],
        "baseline": records(inputs.baseline, ["variable", "level", "n", "missing", "value"]),
        "effects": gather_effects(table, names, covariates=inputs.choices.covariates),
        "effect_methods": list(dict.fromkeys(table.loc[table["estimate"].notna(), "method"].dropna())),
        "change": (
            gather_change(as_pandas(change.table), change.statement, names, entry_outcome=inputs.choices.entry_outcome)
            if change is not None
            else None
        ),
        "sample": gather_sample(inputs.normalised, inputs.files, inputs.choices),
        "reference": gather_reference(inputs.normalised, names),
        "disagreement": gather_disagreement(inputs.disagreement, names, simulated=bool(inputs.simulated)),
        "quality": gather_quality(inputs.files, inputs.rejects, inputs.no_result, inputs.worklist, inputs.normalised),
        "utility": gather_evidence_facts(inputs.evidence, names),
        "provenance": _provenance(inputs),
    }
    facts["methods"] = gather_methods(inputs.choices, facts)
    facts["limits"] = gather_limits(facts)
    facts["findings"] = _findings(facts)
    checked: dict[str, Any] = plain(facts)
    return checked


def _flow_step(step: Any) -> dict[str, Any]:
    return {
        "stage": step.stage,
        "counted": step.counted,
        "n": step.n,
        "left_out": [{"reason": reason, "n": n} for reason, n in step.left_out],
    }


def _findings(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the summary: what was seen, as the statements say it, then the panel and the data they rest on."""
    said, change = facts["statement"], facts["change"]
    parts = (
        ("Associations", "effects", said["seen"] or [said["headline"]]),
        ("Change", "change", [*change["sentences"], change["no_control_group"]] if change else []),
        ("Panel", "panel", facts["reference"]["sentences"]),
        ("Sources of intervals", "disagreement", (facts["disagreement"] or {}).get("sentences", [])[:1]),
        ("Data", "quality", [*facts["quality"]["sentences"][:1], *unreadable_sentences(facts["sample"])]),
    )
    return [{"about": about, "section": section, "sentences": lines} for about, section, lines in parts if lines]


def _provenance(inputs: ReportInputs) -> dict[str, Any]:
    return {
        "inputs": _inputs(inputs),
        "choices": inputs.choices.to_dict(),
        "choices_fingerprint": inputs.choices.fingerprint(),
        "catalogue_version": inputs.catalogue_version,
        "catalogue_files": dict(inputs.catalogue_files),
        "versions": dict(inputs.versions),
        "seed": inputs.seed,
        "started": inputs.started,
        "finished": inputs.finished,
    }


def _inputs(inputs: ReportInputs) -> list[dict[str, str]]:
    """Return every input file with its hash, and the profile of those that are panels."""
    profiles = {record.path: record.profile for record in inputs.files}
    hashes = {record.path: record.sha256 for record in inputs.files} | dict(inputs.inputs)
    order = dict.fromkeys([*inputs.inputs, *profiles])
    return [{"path": path, "profile": profiles.get(path, ""), "sha256": hashes[path]} for path in order]
