"""The names that a study may use for engines, filters, discretisation and normalisation."""

from radpipe.core.registry import Registry

ENGINES = Registry(
    "extraction engine",
    {"pyradiomics": "radpipe.features.pyradiomics_engine:PyRadiomicsEngine"},
)

FILTERS = Registry(
    "filter",
    {
        "original": "radpipe.features.filters:OriginalSpec",
        "log": "radpipe.features.filters:LogSpec",
        "wavelet": "radpipe.features.filters:WaveletSpec",
    },
)

DISCRETISERS = Registry(
    "discretisation",
    {
        "bin_width": "radpipe.features.settings:BinWidthSpec",
        "bin_count": "radpipe.features.settings:BinCountSpec",
    },
)

NORMALISERS = Registry("normalisation", {"z_score": "radpipe.features.settings:ZScoreSpec"})

DEFAULT_ENGINE = "pyradiomics"
"""The engine of a study that names none."""
