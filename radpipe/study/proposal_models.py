"""How images and what is made of them are written as commented YAML: images to outputs."""

from __future__ import annotations

from radpipe.resampling.folds import left_to_train
from radpipe.study.derived import REGRESSIONS
from radpipe.study.proposal import aligned, clinical_names, flow, remark, scalar
from radpipe.study.sniff import Findings

_DISCRETISE = {
    "MR": ("{kind: bin_width, width: 0.3}", "in standard deviations, after normalisation"),
    "CT": ("{kind: bin_width, width: 25}", "in Hounsfield units"),
    "PT": ("{kind: bin_width, width: 0.25}", "in SUV"),
}


def image_lines(findings: Findings) -> list[str]:
    """Return the images, and the patterns that are left out."""
    pictures = findings.pictures
    lines = [line for text in pictures.aside for line in remark(f"found, left out: {text}")]
    if not pictures.images:
        return [*lines, *remark("found: no image with a mask on its grid")] if lines else []
    body = []
    for image in pictures.images:
        normalise = ", normalise: {kind: z_score}" if image.modality == "MR" else ""
        value = f"path: {scalar(image.pattern)}, modality: {image.modality}{normalise}"
        count = f"{image.cases} cases; " if image.cases else ""
        comment = f"found: {count}{image.modality} {image.why}"
        body.append((f"  {scalar(image.name)}:", f"{{{value}}}", comment))
    return [*lines, "images:", *aligned(body)]


def region_lines(findings: Findings) -> list[str]:
    """Return the regions; further labels of their masks follow as comments."""
    lines = ["regions:"] if findings.pictures.regions else []
    for region in findings.pictures.regions:
        found = ", ".join(map(str, region.labels)) or "none"
        if region.looked_at:
            lines += remark(f"found: labels {found} in {region.looked_at} cases", "  ")
        masks = ", ".join(f"{scalar(i)}: {scalar(p)}" for i, p in region.masks.items())
        lines.append(f"  {scalar(region.name)}: {{label: {region.label}, masks: {{{masks}}}}}")
        for label in [n for n in region.labels if n != region.label]:
            other = scalar(f"{region.name}_{label}")
            lines.append(f"  # {other}: {{label: {label}, masks: {{{masks}}}}}")
    return lines


def block_lines(findings: Findings) -> list[str]:
    """Return the blocks: original, LoG and wavelet images of each region at 1 mm."""
    lines = ["blocks:"] if _blocks(findings) else []
    modality = {image.name: image.modality for image in findings.pictures.images}
    log = "{kind: log, sigma_mm: [1, 2, 3, 4, 5]}"
    for block, image, region in _blocks(findings):
        default = ("{kind: bin_count, count: 32}", "no common unit")
        discretise, unit = _DISCRETISE.get(modality[image], default)
        lines += [
            f"  {scalar(block)}:",
            f"    image: {scalar(image)}",
            f"    region: {scalar(region)}",
            "    resample: {spacing_mm: [1, 1, 1]}",
            f"    discretise: {discretise}   # {unit}",
            f"    filters: [original, {log}, {{kind: wavelet, family: coif1}}]",
        ]
        if modality[image] == "PT":
            lines += [
                *remark("the scanner's own voxels, for SUVmax:", "  "),
                f"  # suv: {{image: {scalar(image)}, region: {scalar(region)}, "
                "discretise: {kind: bin_width, width: 0.25}, filters: [original], "
                "classes: [firstorder]}",
            ]
    return lines


def _blocks(findings: Findings) -> list[tuple[str, str, str]]:
    """Return the name, image and region of each block."""
    return [
        (f"{image}_{region.name}", image, region.name)
        for region in findings.pictures.regions
        for image in region.masks
    ]


def model_sections(findings: Findings) -> list[list[str]]:
    """Return selection, models, evaluation, controls and outputs."""
    type_ = findings.endpoints[0].type if findings.endpoints else "binary"
    blocks = [name for name, _, _ in _blocks(findings)]
    names = clinical_names(findings)
    plain = REGRESSIONS[type_]
    penalised = "penalised_cox" if type_ == "survival" else "penalised_logistic"
    scored = type_ in ("binary", "survival")  # what a nomogram can show
    selection = [
        *remark("redundant features go first; the radscore's own LASSO chooses among the rest"),
        "selection:",
        "  radiomic: [{kind: correlation, threshold: 0.9}, {kind: mrmr, n: 20}]",
    ]
    models: list[tuple[str, str, str]] = []
    if names:
        rule = "selection: [{kind: univariable, p: 0.1}]"
        models.append(("  clinical_model:", f"{{kind: {plain}, inputs: [clinical], {rule}}}", ""))
    chosen = [[block] for block in blocks] if len(blocks) > 1 else []
    for inputs in [*chosen, *([blocks] if blocks else [])]:
        name = "radscore" if inputs == blocks else f"radscore_{inputs[0]}"
        spec = f"{{kind: {penalised}, inputs: {flow(inputs)}, selection: radiomic}}"
        models.append((f"  {scalar(name)}:", spec, ""))
    if names and blocks and scored:
        inputs = ["radscore", *(f"clinical.{n}" for n in _of_nomogram(findings, names))]
        models.append(("  nomogram:", f"{{kind: nomogram, inputs: {flow(inputs)}}}", ""))
    lines = ["models:", *aligned(models)] if models else []
    if names and blocks and scored:
        lines += remark(
            "the nomogram's variables: by name and number of events, without a look at the "
            f"outcome; also there: {', '.join(names)}",
            "  ",
        )
    if scored and any(image.modality == "PT" for image in findings.pictures.images):
        lines.append(
            "  # suvmax: {kind: marker, input: suv__original_firstorder_Maximum, direction: higher}"
        )
    if blocks and type_ != "survival":
        for kind in ("svm", "random_forest", "xgboost"):
            lines.append(
                f"  # {kind}: {{kind: {kind}, inputs: {flow(blocks)}, selection: radiomic}}"
            )
    outputs = _outputs(type_, bool(blocks), bool(names))
    return [
        selection if blocks else [],
        lines,
        _evaluation(findings),
        ["controls: {permutations: 40}"] if models else [],
        ["outputs:", *(f"  - {output}" for output in outputs)],
    ]


def _of_nomogram(findings: Findings, names: dict[str, str]) -> list[str]:
    """Return the clinical variables of the nomogram: one for each ten events beyond the first."""
    first = findings.endpoints[0] if findings.endpoints else None
    room = first.fewest // 10 - 1 if first else 1
    simple = {c.name: c for c in findings.predictors}
    order = sorted(names, key=lambda n: simple[names[n]].kind == "nominal")
    return order[: max(1, min(room, 4))]


def _evaluation(findings: Findings) -> list[str]:
    """Return the resampling, with fewer folds where there are few events."""
    first = findings.endpoints[0] if findings.endpoints else None
    fewest = first.fewest if first else 10
    folds = 5 if fewest >= 10 else max(2, min(3, fewest))
    inner = max(2, min(folds, left_to_train(fewest, folds)))
    few = remark(f"found: {fewest} cases in the smaller class, too few for 5 folds")
    return [
        *(few if folds < 5 else []),
        "evaluation:",
        f"  resampling: {{kind: repeated_cv, folds: {folds}, repeats: 20, inner_folds: {inner}}}",
        "  seed: 2024",
    ]


def _outputs(type_: str, radiomic: bool, clinical: bool) -> list[str]:
    """Return the figures and tables that such a study can show."""
    wanted = {
        "cohort_flow": True,
        "baseline_table": clinical,
        "montage": radiomic,
        "metrics": True,
        "kaplan_meier" if type_ == "survival" else "roc": True,
        "confusion_matrix": type_ in ("multiclass", "ordinal"),
        "calibration": True,
        "decision_curve": True,
        "nomogram": radiomic and clinical and type_ in ("binary", "survival"),
        "regression_table": clinical,
        "lasso_path": radiomic,
        "selected_features": radiomic,
        "controls": True,
    }
    return [output for output, there in wanted.items() if there]
