import os
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from thereafter.config.tests import test_console_walls as walls
from thereafter.config.tests.test_console_walls import PLAIN_PAGES, ROW_PAGES, filled, furnish
from thereafter.config.tests.test_console_looks import is_page, DESK, PHONE
from thereafter.console.tests.tools import signed_in
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import *
from thereafter.returns.actions.opening import Wish
from thereafter.returns.actions import parcels, units, deciding
from thereafter.returns.actions.photos import add
from thereafter.kit import clock
import io
from PIL import Image
from django.core.files.uploadedfile import SimpleUploadedFile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

def test_looks(live_server, browser_page):
    cache.clear()
    store = make_store(country="DE")
    staff = make_staff(store)
    client, ids = signed_in(staff), furnish(store)
    def order(n, email="john@x.example"): 
        return delivered_order(store, number=n, external_id=n, email=email, customer_name="John Runner") if False else delivered_order(store, number=n, external_id=n)
    a = ask_for_one(order("1002"), source="a")
    b = ask_for_one(order("1003"), Wish(line="1", reason="damaged_on_arrival", outcome="replacement", note="The heel came off when I took it out of the box."), source="b", channel="support", review="Look at the photos.")
    buf = io.BytesIO(); Image.new("RGB", (900, 600), "#886644").save(buf, "JPEG")
    add(store, [SimpleUploadedFile("x.jpg", buf.getvalue())], belongs_to=b, taken_by="shopper", now=ASKED)
    c = ask_for_one(order("1004"), Wish(line="1", reason="size_small", outcome="store_credit"), source="c")
    parcels.name_number(visits.parcel(c), carrier="dhl", number="JD77", now=ASKED)
    parcels.told(visits.parcel(c), "delivered", now=ASKED)
    units.receive(again(c), {u.pk: "received" for u in visits.units(c)}, by=staff, now=ASKED, parcel=visits.parcel(c))
    d = ask_for_one(order("1005"), source="d")
    session = client.cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    base = f"/console/{store.slug}/"
    o = a.order
    key = o.lines.get(external_id="1").pk
    deciding.cancel(d, by=staff, now=ASKED)
    shots = {
        "list": base + "returns/?view=all",
        "claim": f"{base}returns/{b.pk}/",
        "inspect": f"{base}returns/{c.pk}/",
        "open": f"{base}returns/{a.pk}/",
        "start": f"{base}returns/orders/{d.order_id}/start/",
        "offers": f"{base}returns/orders/{d.order_id}/start/?quantity-{d.order.lines.get(external_id='1').pk}=1&reason-{d.order.lines.get(external_id='1').pk}=size_small",
        "chosen": f"{base}returns/chosen/?do=approve&row={b.pk}&row={a.pk}",
        "decline": f"{base}returns/chosen/?do=decline&row={b.pk}&row={a.pk}",
        "order": f"{base}orders/{a.order_id}/",
    }
    bad = []
    os.makedirs("/tmp/r6/shots", exist_ok=True)
    with clock.at(ASKED):
        for name, path in shots.items():
            browser_page.set_viewport_size(DESK)
            browser_page.goto(live_server.url + path)
            browser_page.wait_for_timeout(300)
            found = Axe().run(browser_page)
            if found.violations_count: bad.append((name, found.generate_report()))
            browser_page.screenshot(path=f"/tmp/r6/shots/{name}.png", full_page=True)
            browser_page.set_viewport_size(PHONE)
            width = browser_page.evaluate("document.documentElement.scrollWidth")
            if width > 360: bad.append((name, width))
            browser_page.screenshot(path=f"/tmp/r6/shots/{name}-phone.png", full_page=True)
        browser_page.set_viewport_size(DESK)
        browser_page.goto(live_server.url + shots["claim"])
        browser_page.locator(".photo").first.click()
        browser_page.wait_for_timeout(400)
        browser_page.screenshot(path="/tmp/r6/shots/photo.png")
    for name, report in bad: print(name, report)
    assert not bad
