"""The names that a study may use for engines, filters, discretisation and normalisation."""

from radpipe.core.registry import Registry

ENGINES = Registry(
    "extraction engine",
    {
        "native": "radpipe.features.native_engine:NativeEngine",
        "pyradiomics": "radpipe.features.pyradiomics_engine:PyRadiomicsEngine",
        "histogram": "radpipe.features.histogram:HistogramEngine",
    },
)

CHOICES = ("native", "pyradiomics")
"""The engines that compute a block's features alike; one of them may be asked for."""

FILTERS = Registry(
    "filter",
    {
        "original": "radpipe.features.filters:OriginalSpec",
        "log": "radpipe.features.filters:LogSpec",
        "wavelet": "radpipe.features.filters:WaveletSpec",
        "square": "radpipe.features.filters_pointwise:SquareSpec",
        "square_root": "radpipe.features.filters_pointwise:SquareRootSpec",
        "logarithm": "radpipe.features.filters_pointwise:LogarithmSpec",
        "exponential": "radpipe.features.filters_pointwise:ExponentialSpec",
        "gradient": "radpipe.features.filters_pointwise:GradientSpec",
        "lbp_2d": "radpipe.features.filters_patterns:Lbp2dSpec",
        "lbp_3d": "radpipe.features.filters_patterns:Lbp3dSpec",
    },
)

DISCRETISERS = Registry(
    "discretisation",
    {
        "bin_width": "radpipe.features.texture_settings:BinWidthSpec",
        "bin_count": "radpipe.features.texture_settings:BinCountSpec",
    },
)

NORMALISERS = Registry(
    "normalisation", {"z_score": "radpipe.features.preparation_settings:ZScoreSpec"}
)

DEFAULT_ENGINE = "native"
"""The engine of a study that names none."""
