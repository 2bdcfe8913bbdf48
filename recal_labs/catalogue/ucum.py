"""Whether a text is a UCUM code, and what a unit of a result is per: its shape only, without any factor.

normalise/units.py computes the factors; a test keeps the two readings in agreement. Here a unit is only judged, so that
a catalogue with a unit that could never be converted is refused in milliseconds instead of losing its numbers later.
"""

from __future__ import annotations

import re
from functools import lru_cache

# UCUM, case sensitive: the prefixes, the atoms that may carry one, and those that may not, as far as laboratories meet
# them. https://ucum.org/ucum
PREFIXES = ("da", *"YZEPTGMkhdcmunpfazy")
_METRIC_ATOMS = (
    "m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv L l eq osm kat U bar t eV u cal "
    "[IU] [iU] m[Hg] m[H2O]"
)
_OTHER_ATOMS = (
    "10* 10^ [pi] % [ppth] [ppm] [ppb] [pptr] min h d wk mo a mo_j a_j deg [pH] [degF] [drp] [in_i] [ft_i] [lb_av] "
    "[oz_av] [arb'U] [USP'U] [CFU] [HPF] [LPF] [Ch] mesh"
)
METRIC, NOT_METRIC = frozenset(_METRIC_ATOMS.split()), frozenset(_OTHER_ATOMS.split())

CREATININE_MARK = "{creat}"

_ANNOTATION = re.compile(r"\{[!-z|~]*\}")
_INNERMOST = re.compile(r"\(([^()]*)\)")
_COMPONENT = re.compile(r"(?P<unit>10[*^]|(?:[A-Za-z%_']|\[[^][]+\])+)?(?P<number>[+-]?[1-9]\d*)?(?:\{\})?")
_PREFIX = rf"(?:{'|'.join(PREFIXES)})?"
_MASS = re.compile(rf"{_PREFIX}g")
_AMOUNT = re.compile(rf"{_PREFIX}mol")
_VOLUME = re.compile(rf"{_PREFIX}[Ll]|[dcm]?m3")
_TIME = re.compile(r"\([1-9]\d*\.(?:h|d|min)\)|h|d|min")


def _is_atom(unit: str) -> bool:
    if unit in METRIC or unit in NOT_METRIC:
        return True
    return any(unit.startswith(prefix) and unit[len(prefix) :] in METRIC for prefix in PREFIXES)


def _is_flat_term(text: str) -> bool:
    """Whether components joined by points and strokes are all units, numbers or annotations."""
    for part in re.split(r"[./]", text.removeprefix("/")):
        found = _COMPONENT.fullmatch(part)
        if not part or not found:
            return False
        unit, number = found["unit"], found["number"] or "1"
        if not (_is_atom(unit) if unit else number.isdigit()):
            return False
    return True


@lru_cache(maxsize=4096)
def is_ucum(code: str) -> bool:
    """Whether a text is a UCUM code of units that laboratories use.

    Examples
    --------
    >>> [is_ucum(code) for code in ("ug/g{creat}", "mg/(24.h)", "m[IU]/L", "mosm/kg", "1")]
    [True, True, True, True, True]
    >>> [is_ucum(code) for code in ("mcg/L", "ug/g Krea", "µg/L", "mg/(24.h", "")]
    [False, False, False, False, False]
    """
    if not code or not code.isascii() or any(letter.isspace() for letter in code):
        return False
    text = _ANNOTATION.sub("{}", code)
    while found := _INNERMOST.search(text):
        if not _is_flat_term(found[1]):
            return False
        text = f"{text[: found.start()]}1{text[found.end() :]}"
    return _is_flat_term(text)


def is_substance(unit: str) -> bool:
    """Whether a unit is a mass or an amount of substance, alone.

    Examples
    --------
    >>> [is_substance(unit) for unit in ("ug", "mmol", "mcg", "ug/L", "[iU]")]
    [True, True, False, False, False]
    """
    return bool(_MASS.fullmatch(unit) or _AMOUNT.fullmatch(unit))


def basis_of(unit: str) -> str | None:
    """Return what a unit of substance is per, or None when its results could never be converted.

    Returns
    -------
    str or None
        ``per_volume``, ``per_creatinine`` or ``per_24h``.

    Examples
    --------
    >>> basis_of("mmol/mol{creat}"), basis_of("ug/(24.h)"), basis_of("ug/g"), basis_of("[iU]/(24.h)")
    ('per_creatinine', 'per_24h', None, None)
    """
    top, stroke, bottom = unit.partition("/")
    if not stroke or not is_substance(top):
        return None
    if bottom.endswith(CREATININE_MARK):
        return "per_creatinine" if is_substance(bottom.removesuffix(CREATININE_MARK)) else None
    if _VOLUME.fullmatch(bottom):
        return "per_volume"
    return "per_24h" if _TIME.fullmatch(bottom) else None
