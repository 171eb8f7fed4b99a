from servicedesk.escalation.commands import hand_off
from tests.cast import Desk


def test_a(desk: Desk) -> None:
    n = desk.log()
    desk.do(hand_off, n, "network", note="please", by="ito", when="09:30")
    assert desk.holders(n) == ["desk", "network"]
    assert desk.differences() == []
    print(desk.visit("sato").get("/incidents/INC-00000001").status_code)
