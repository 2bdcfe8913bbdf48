"""The statement that no association is shown without: what was seen, what weakens it, what it cannot show."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass, field

from recal_labs.storage import sha256_of_text

CLOSING = (
    "This is not a diagnosis and not treatment advice. Changes in treatment need a clinician. Changing medication, "
    "supplements or diet without supervision can worsen symptoms, disturb sleep or digestion, and change mood in "
    "unexpected ways."
)

FOR_WHOM = "For analysts and reviewers who weigh evidence about groups; not for decisions about one person."


@dataclass(frozen=True, kw_only=True)
class UtilityStatement:
    """What an analysis shows and what it does not, in words that follow from its numbers.

    Parameters
    ----------
    headline : str
        One sentence, never stronger than the numbers.
    seen : tuple of str
        What was observed.
    weakens : tuple of str
        What makes it less certain in this very sample.
    cannot_show : tuple of str
        What no result of this design could show.
    for_whom, closing : str
        Who may use it for what; the same closing everywhere.
    """

    headline: str
    seen: tuple[str, ...]
    weakens: tuple[str, ...]
    cannot_show: tuple[str, ...]
    for_whom: str = FOR_WHOM
    closing: str = CLOSING
    statement_id: str = field(init=False)

    def __post_init__(self) -> None:
        if not self.headline.strip() or not self.cannot_show:
            raise ValueError("a statement needs a headline and what the analysis cannot show")
        object.__setattr__(self, "statement_id", sha256_of_text(self._body())[:12])

    def _body(self) -> str:
        return "\n".join((self.headline, *self.seen, *self.weakens, *self.cannot_show, self.for_whom, self.closing))

    def sections(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return heading and sentences of each part that has any."""
        parts = (
            ("What was seen", self.seen),
            ("What weakens it", self.weakens),
            ("What it cannot show", self.cannot_show),
            ("For whom", (self.for_whom,)),
        )
        return tuple((heading, lines) for heading, lines in parts if lines)

    def to_dict(self) -> dict[str, object]:
        """Return plain values, ready for JSON."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    def to_markdown(self) -> str:
        """Return the statement as Markdown."""
        lines = [f"**{self.headline}**", ""]
        for heading, sentences in self.sections():
            lines += [f"*{heading}*", "", *(f"- {sentence}" for sentence in sentences), ""]
        return "\n".join(
            [*lines, f"*{self.closing}*", "", f"Statement {self.statement_id} (a fingerprint of its words)"]
        )

    def __str__(self) -> str:
        blocks = [self.headline]
        blocks += [f"{heading}: " + " ".join(sentences) for heading, sentences in self.sections()]
        return "\n".join([*blocks, self.closing])

    def _repr_html_(self) -> str:
        parts = "".join(
            f"<p><em>{html.escape(heading)}</em></p><ul>"
            + "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
            + "</ul>"
            for heading, sentences in self.sections()
        )
        return (
            f'<aside class="statement" id="statement-{self.statement_id}"><p><strong>{html.escape(self.headline)}'
            f"</strong></p>{parts}<p>{html.escape(self.closing)}</p></aside>"
        )
