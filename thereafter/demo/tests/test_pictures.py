from pathlib import Path

from thereafter.demo.shoe_shop import PRODUCTS

PICTURES = Path(__file__).parent.parent / "static" / "demo"


def test_every_product_has_a_small_picture() -> None:
    sizes = {path.stem: path.stat().st_size for path in PICTURES.glob("*.svg")}
    assert {product.key for product in PRODUCTS} <= set(sizes)
    assert max(sizes.values()) < 2_000
