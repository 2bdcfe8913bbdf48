"""Write the table of ratios in docs/derived_markers.md from reference_ranges/ratios.csv, where they are defined."""

from pathlib import Path

from recal_labs.catalogue import Catalogue, Ratio, load_catalogue, load_evidence

PAGE = Path(__file__).parent / "derived_markers.md"
START, STOP = "<!-- ratios: made by docs/write_ratios.py -->\n", "<!-- end of ratios -->\n"


def _side(ratio: Ratio, parts: tuple[str, ...], catalogue: Catalogue) -> str:
    text = " + ".join(catalogue.analytes[part].abbreviation for part in parts)
    return f"({text})" if len(parts) > 1 else text


def row(ratio: Ratio, catalogue: Catalogue) -> str:
    """Return one ratio as a row of the table."""
    formula = " / ".join(_side(ratio, side, catalogue) for side in (ratio.numerator, ratio.denominator))
    claims = {claim.claim_id: claim.source_id for claim in load_evidence().claims}
    evidence = ", ".join(f"{claim} {claims[claim]}" for claim in ratio.claim_ids)
    sources = ", ".join(ratio.source_ids)
    cells = (f"`{ratio.id}`", formula, ratio.meaning, ratio.support, sources, ratio.caveat, evidence)
    return "| " + " | ".join(cell or " " for cell in cells) + " |\n"


def table(catalogue: Catalogue) -> str:
    """Return the table of every ratio."""
    head = "| id | molar formula | meaning | support | source | caveat | evidence on the parts |\n" + "|---" * 7 + "|\n"
    return head + "".join(row(ratio, catalogue) for ratio in catalogue.ratios.values())


def page() -> str:
    """Return docs/derived_markers.md with its table as it should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    after = rest.partition(STOP)[2]
    return before + START + "\n" + table(load_catalogue()) + "\n" + STOP + after


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
