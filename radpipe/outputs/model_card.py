"""A model's card: what it is, what it takes, how well it did, and what it is not for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from radpipe.core.columns import CLINICAL
from radpipe.evaluation.headline_metric import HEADLINE
from radpipe.outputs.words import counted, split_title

LIMITS = (
    "For research. It is no medical device, and no decision about a patient may rest on it alone.",
    "It was learned on the cases described above. Other scanners, protocols, readers or patients "
    "may need it to be validated, and recalibrated, first.",
    "Values outside the training range are extrapolations: `radpipe predict` names them.",
)
_MOST = 60


def model_card(passport: Mapping[str, Any]) -> str:
    """Return a model's card as Markdown.

    Parameters
    ----------
    passport : mapping
        As `radpipe.steps.passport.passport_of` returns it.
    """
    study = passport["study"]
    lines = [f"# {_plain(passport['title'])}", ""]
    if study["simulated"]:
        lines += ["**Learned on simulated data: it says nothing about any patient.**", ""]
    lines += [*_predicts(passport), ""]
    for title, body in (
        ("Training data", _training(passport)),
        ("What it takes", _variables(passport)),
        ("Missing values", [f"{passport['missing_values']}."]),
        ("Formula", _formula(passport)),
        ("Cut-offs", _cutoffs(passport)),
        ("Performance", _performance(passport)),
        ("Extraction", _extraction(passport["inputs"]["blocks"])),
        ("Remarks", [f"- {_plain(note)}" for note in passport["notes"]]),
        ("Use and limits", [f"- {line}" for line in _limits(passport)]),
        ("Versions", [f"- {name} {v}" for name, v in passport["versions"].items()]),
    ):
        if body:
            lines += [f"## {title}", "", *body, ""]
    lines += [f"Estimator: SHA-256 {passport['estimator']['sha256']}", ""]
    return "\n".join(lines)


def _plain(text: Any) -> str:
    """Return text of a user in one line that is no markup."""
    one = " ".join(str(text).split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in one)


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    def line(cells: Sequence[Any]) -> str:
        return (
            "| " + " | ".join(_plain(c) if isinstance(c, str) else _number(c) for c in cells) + " |"
        )

    return [line(header), "|" + " --- |" * len(header), *(line(row) for row in rows)]


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.6g}"


def _predicts(passport: Mapping[str, Any]) -> list[str]:
    about = passport["endpoint"]
    what = {
        "binary": "the risk of",
        "survival": "the risk by each horizon of",
        "multiclass": "the risk of each class of",
        "ordinal": "the risk of each class of",
        "multilabel": "the risk of each label of",
        "continuous": "the value of",
    }[about["kind"]]
    if not passport["gives_risk"] and about["kind"] != "continuous":
        what = "a ranking of cases, and no risk, of"
    lines = [f"Predicts {what} {_plain(about['label'])} (a model of kind {passport['kind']})."]
    if about["horizons"]:
        at = ", ".join(f"{h:g}" for h in about["horizons"])
        lines.append(f"Horizons: {at} {_plain(about['time_unit'])}.")
    if about["classes"]:
        lines.append(f"Classes: {', '.join(map(_plain, about['classes']))}.")
    if passport["gives_risk"] and not passport["calibrated_risk"]:
        lines.append("Its risks are not calibrated: they rank, and are no frequencies.")
    return lines


def _training(passport: Mapping[str, Any]) -> list[str]:
    own, study = passport["training"], passport["study"]
    lines = [f"Study {_plain(study['name'])}: {_plain(study['title'])} (digest {study['digest']})."]
    n = counted(own["n_train"], "case")
    if own.get("n_groups") not in (None, own["n_train"]):
        n += f" of {counted(own['n_groups'], 'patient')}"
    if "n_events" in own:
        n += f", {counted(own['n_events'], 'event')}"
    if "n_classes" in own:
        n += "; " + ", ".join(f"{_plain(c)}: {k}" for c, k in own["n_classes"].items())
    lines += ["", f"{n}."]
    if len(own["centres"]) > 1:
        lines += [
            "",
            "By centre: " + ", ".join(f"{_plain(c)} {k}" for c, k in own["centres"].items()),
        ]
    return lines


def _variables(passport: Mapping[str, Any]) -> list[str]:
    def shown(entry: Mapping[str, Any]) -> str:
        if entry["type"] == "number":
            return f"{_number(entry['low'])} to {_number(entry['high'])}"
        return _counts(entry["seen"])

    variables, batches = passport["variables"], passport.get("batches", [])
    names = {entry["name"] for entry in variables}
    rows = [
        [e["name"], e["source"], e.get("unit", ""), shown(e), str(e["missing"])]
        for e in variables[:_MOST]
    ]
    # what harmonisation keeps, and what a computed variable is made of
    rows += [
        [f"{CLINICAL}{name}", "clinical", own.get("unit") or "", "", ""]
        for name, own in passport["inputs"]["clinical"].items()
        if f"{CLINICAL}{name}" not in names
    ]
    rows += [[own["column"], "batch", "", _counts(own["seen"]), ""] for own in batches]
    if not rows:
        return ["Nothing: every case gets what the training cases show."]
    header = ("Variable", "From", "Unit", "In training (range, or levels)", "Missing there")
    more = len(variables) - _MOST
    return [
        *_table(header, rows),
        *(["", f"and {more} more, in model.json."] if more > 0 else []),
        *(line for own in batches for line in ("", _unseen(own))),
    ]


def _counts(seen: Mapping[str, int]) -> str:
    return ", ".join(f"{level} ({n})" for level, n in seen.items())


def _unseen(batch: Mapping[str, Any]) -> str:
    """Return what becomes of cases of a batch that training did not hold."""
    least = batch["transductive_from"]
    if least:
        how = (
            f"Those of another batch are harmonised by their own values where there are {least} "
            "or more, and else pass as they are."
        )
    else:
        how = "Those of another batch pass as they are."
    return (
        f"Features of cases are harmonised by {_plain(batch['column'])}. {how} `radpipe predict` "
        "warns of each."
    )


def _formula(passport: Mapping[str, Any]) -> list[str]:
    own = passport["formula"]
    if own is None or isinstance(own["intercept"], list):
        return []
    rows = [
        [t["column"], t["value"], t["coefficient"], t["missing_becomes"]]
        for t in own["terms"][:_MOST]
    ]
    header = ("Column", "Value", "Coefficient", "Where missing")
    return [
        f"Linear predictor = {_number(own['intercept'])} + the sum of coefficient times value, "
        "all in the units in which they were measured (all digits are in model.json).",
        "",
        *_table(header, rows),
    ]


def _cutoffs(passport: Mapping[str, Any]) -> list[str]:
    told = passport["cutoff"]["told"]
    if "conditions" in told:
        said = "; ".join(map(_plain, told["conditions"]))
        return [f"High risk where at least {told['needed']} of these hold: {said}."]
    values = told["values"]
    if not values or isinstance(values[0], list):
        return []
    of_input = told["input"] is not None
    at = _plain(told["input"]) if of_input else f"a score ({told['scale']})"
    low, *high = (f"{_number(v)} or {'less' if told['at_most'] else 'more'}" for v in values)
    how = ""
    if told["learned"]:
        on = "the training cases" if of_input else "out-of-fold predictions of the training cases"
        how = f", learned by {told['rule']['kind']} on {on}"
    if not high:
        return [f"High risk at {at} of {low}{how}."]
    return [f"Intermediate risk at {at} of {low}, high risk at {high[0]}{how}."]


def _performance(passport: Mapping[str, Any]) -> list[str]:
    headline = HEADLINE[passport["endpoint"]["kind"]].name
    uncalibrated = passport["gives_risk"] and not passport["calibrated_risk"]
    of_risks = () if uncalibrated else ("calibration_slope", "brier")
    wanted = (headline, "sensitivity", "specificity", *of_risks, "accuracy")
    rows = [
        [split_title(r["split"]), r["metric"], r["class"], r["estimate"], r["lower"], r["upper"],
         str(r["n"])]
        for metric in dict.fromkeys(wanted)
        for r in passport["performance"]
        if r["metric"] == metric
    ]  # fmt: skip
    if not rows:
        return []
    return _table(("Cases", "Metric", "Class", "Estimate", "Lower", "Upper", "n"), rows)


def _extraction(blocks: Mapping[str, Any]) -> list[str]:
    if not blocks:
        return []
    text = yaml.safe_dump(dict(blocks), sort_keys=False, allow_unicode=True, width=96)
    return ["```yaml", *text.replace("```", "").rstrip().splitlines(), "```"]


def _limits(passport: Mapping[str, Any]) -> list[str]:
    found = list(LIMITS)
    if passport["submodels"]:
        found.append(
            f"It stands on other models ({', '.join(map(_plain, passport['submodels']))}): their "
            "inputs are needed too, and its intervals take their values as known."
        )
    return found
