from thereafter.returns.tests.test_charges import *
from thereafter.returns.tests.test_charges import till, store, case  # noqa
pytestmark = pytest.mark.django_db
def test_x(till, store, case):
    with_stripe(till, store)
    Shopper(case).go("pay")
    deciding.cancel(again(case), by=None, now=ASKED)
    from thereafter.timeline import bus, models
    with clock.at(ASKED):
        run_until_idle()
    print([ (h) for h in dir(bus)])
    print(CasePayment.objects.values("due_at","state"))
    for m in (models.__dict__.values()):
        if hasattr(m,"objects") and "eliver" in m.__name__ : print(m, list(m.objects.values())[:20])
    print([n for n in models.__dict__ if n[0].isupper()])
    assert 0
