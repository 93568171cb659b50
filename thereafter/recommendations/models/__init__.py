from thereafter.recommendations.models.pairs import BackTest, Bestsellers, Build, Neighbours, Pair
from thereafter.recommendations.models.reorders import Reorder, ReorderBuild, ReorderProduct
from thereafter.recommendations.models.showings import Bought, Click, Exposure, Showing, Tally
from thereafter.recommendations.models.slots import ShowSettings, SoldOut

__all__ = [
    "BackTest",
    "Bestsellers",
    "Bought",
    "Build",
    "Click",
    "Exposure",
    "Neighbours",
    "Pair",
    "Reorder",
    "ReorderBuild",
    "ReorderProduct",
    "ShowSettings",
    "Showing",
    "SoldOut",
    "Tally",
]
