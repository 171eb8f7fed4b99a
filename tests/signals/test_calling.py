"""One call: to addresses that may be called, within its time, led nowhere else."""

from __future__ import annotations

import socket
import time
from ipaddress import ip_network
from typing import Any

import pytest

from servicedesk.signals import calling, places
from servicedesk.signals.calling import Answered, NotCalled, OutOfReach, Terms, call, look
from servicedesk.signals.places import BadPlace
from tests.signals import receiver
from tests.signals.receiver import Authority, Receiver, terms

BODY = b'{"zq": 1}'
HOST = "hook.example"


class Names:
    """Stands in for the look-up of names: gives the next of some answers each time."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int, **_how: Any) -> list[Any]:
        self.asked += 1
        address = self.answers[min(self.asked, len(self.answers)) - 1]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]


def names(monkeypatch: pytest.MonkeyPatch, *answers: str) -> Names:
    found = Names(*answers)
    monkeypatch.setattr("servicedesk.signals.calling.socket.getaddrinfo", found)
    return found


def refusal(url: str, some: Terms) -> str:
    with pytest.raises(NotCalled) as caught:
        call(url, {}, BODY, some)
    assert "zq" not in str(caught.value)
    return str(caught.value)


# Which addresses


INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "100.64.0.1", "100.100.100.200", "169.254.169.254", "168.63.129.16", "192.0.0.8",
    "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "2001:0:7f00:1::", "2002:7f00:1::", "2001:db8::1", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1", "100::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_no_internal_address_is_called(address: str) -> None:
    with pytest.raises(BadPlace, match="internal"):
        places.checked([address], ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_public_address_is_called(address: str) -> None:
    assert places.checked([address], ())


def test_one_internal_address_makes_a_name_suspect() -> None:
    with pytest.raises(BadPlace, match="internal"):
        places.checked(["8.8.8.8", "10.0.0.1"], ())


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "fd00:1::5"])
def test_a_network_that_is_said_to_be_meant_is_called(address: str) -> None:
    networks = [ip_network("10.1.2.0/24"), ip_network("fd00:1::/64")]
    assert places.checked([address], networks)
    with pytest.raises(BadPlace):
        places.checked(["10.1.3.3"], networks)


@pytest.mark.parametrize(
    "url",
    [
        "", "hook.example", "ftp://hook.example/", "http://hook.example/", "https:///zqpath",
        "https://user:zq@hook.example/", "https://hook.example/#zq", "https://hook.example:0/",
        "https://hook.example:99999/", "https://hook.example/zq zq", "https://hook.example\\@a/",
        "https://[::1/", "https://[fe80::1%25eth0]/", "https://hook.example/\r\nHost: zq",
        "https://フック.example/", "https://hook.example/" + "z" * 2000,
    ],
)  # fmt: skip
def test_only_an_address_that_is_one_is_called(url: str) -> None:
    assert refusal(url, Terms()).startswith("address: not")


def test_what_is_shown_of_an_address_is_its_host_alone() -> None:
    place = places.read("https://hook.example:8443/services/zqkey?zq=1", http=False)
    assert place.shown == "https://hook.example:8443/…"
    assert places.read("https://[2606:4700::1]/x", http=False).authority == "[2606:4700::1]"


@pytest.mark.parametrize("port", [1, 22, 25, 53, 110, 389, 465, 993])
def test_what_is_no_web_is_not_called(port: int) -> None:
    """A call could be read there as commands: of mail, for one."""
    assert refusal(f"https://hook.example:{port}/zq", terms()) == "address: port"


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f.1", "2130706433", "[::1]"])
def test_however_it_is_written_this_machine_is_not_called(there: Receiver, host: str) -> None:
    assert refusal(there.url(host), Terms(http=True)) in (
        "address: internal",
        "address: no such host",
    )
    assert there.calls == 0


def test_a_name_that_leads_elsewhere_later_is_looked_up_anew_and_refused(
    there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address was fine when it was set; what counts is the one that is called."""
    found = names(monkeypatch, "8.8.8.8", "169.254.169.254")
    look(there.url(HOST), Terms(http=True))
    assert refusal(there.url(HOST), Terms(http=True)) == "address: internal"
    assert found.asked == 2


def test_the_address_that_was_checked_is_the_one_that_is_called(
    there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that gives another address each time is asked once, and cannot lead inside."""
    found = names(monkeypatch, "127.0.0.1", "10.0.0.1")
    assert call(there.url(HOST), {}, BODY, terms()) == 204
    assert found.asked == 1
    assert there.got[0].headers["host"] == f"{HOST}:{there.port}"


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"])
def test_no_proxy_of_the_environment_is_used(
    there: Receiver, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It would look the name up itself, and reach what the desk may not."""
    with receiver.opened() as proxy:
        monkeypatch.setenv(name, proxy.url(path=""))
        assert call(there.url(), {}, BODY, terms()) == 204
        assert proxy.calls == 0


def test_a_redirect_is_not_followed(there: Receiver) -> None:
    with receiver.opened() as inside:
        there.status, there.answer = 307, {"Location": inside.url()}
        assert refusal(there.url(), terms()) == "answer: 307 redirect"
        assert inside.calls == 0


# TLS


def test_a_certificate_for_its_name_by_a_known_authority_is_good(
    secure: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, "127.0.0.1")
    assert call(secure.url(HOST), {"X-Zq": "1"}, BODY, terms()) == 204
    (got,) = secure.got
    assert (got.path, got.body) == ("/zqpath/zqkey?zq=query", BODY)
    assert got.headers["x-zq"] == "1"


def test_a_certificate_for_another_name_is_not(
    secure: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, "127.0.0.1")
    assert refusal(secure.url("other.example"), terms()) == "certificate: 62"
    assert refusal(secure.url("127.0.0.1"), terms()) == "certificate: 64"
    assert secure.got == []


def test_a_certificate_by_nobody_known_is_not(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, "127.0.0.1")
    with receiver.opened(authority.issued(HOST)) as there:
        assert refusal(there.url(HOST), terms()) == "certificate: 20"
        assert there.got == []


def test_a_receiver_without_tls_gets_nothing(there: Receiver) -> None:
    assert refusal(f"https://127.0.0.1:{there.port}/zq", terms()).startswith("line: ")
    assert there.got == []


# Time and amounts


@pytest.mark.parametrize("how", ["says nothing", "drips", "drips a long head"])
def test_a_slow_receiver_is_left_when_the_time_is_over(there: Receiver, how: str) -> None:
    """However slowly letters come, each of them in time: it is the whole that counts."""
    there.drip = 2 if how == "says nothing" else 0.05
    if how == "drips a long head":
        there.answer = {f"X-{n}": "z" * 500 for n in range(50)}
    began = time.monotonic()
    assert refusal(there.url(), terms(0.4)) == "time: too slow"
    assert time.monotonic() - began < 1.5


def test_a_receiver_that_takes_no_line_is_left_too() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        port = silent.getsockname()[1]
        assert refusal(f"http://127.0.0.1:{port}/zq", terms(0.3)) == "time: too slow"
        assert refusal(f"https://127.0.0.1:{port}/zq", terms(0.3)) == "time: too slow"


def test_a_look_up_of_names_that_takes_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "servicedesk.signals.calling.socket.getaddrinfo"
    monkeypatch.setattr(slow, lambda *_a, **_k: time.sleep(1))
    began = time.monotonic()
    assert refusal("https://hook.example/zq", terms(0.2)) == "time: too slow"
    assert time.monotonic() - began < 0.9


def test_nobody_there_is_said_so() -> None:
    assert refusal(receiver.nobody(), terms()) == "line: ConnectionRefusedError"
    assert refusal("https://zq.invalid/", Terms()) == "address: no such host"


def test_what_takes_it_is_not_read_any_further(there: Receiver) -> None:
    there.answer = {"Content-Length": "1000000000"}
    assert call(there.url(), {}, BODY, terms(1.0)) == 204


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"channel_not_found", "answer: 404 channel_not_found"),
        (b"invalid_payload\n", "answer: 404 invalid_payload"),
        (b"<h1>zqsecret</h1>", "answer: 404"),
        (b"zq secret", "answer: 404"),
        (b"z" * 200_000, "answer: 404"),
    ],
)
def test_of_an_answer_the_status_and_a_code_are_kept(
    there: Receiver, text: bytes, said: str
) -> None:
    there.status, there.text = 404, text
    with pytest.raises(Answered) as caught:
        call(there.url(), {}, BODY, terms())
    assert str(caught.value) == said


def test_no_more_than_64_kb_of_an_answer_are_read(
    there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    real = calling._Reader.readinto

    def counted(reader: Any, buffer: Any) -> int:
        read.append(real(reader, buffer))
        return read[-1]

    monkeypatch.setattr(calling._Reader, "readinto", counted)
    there.status, there.text = 500, b"z" * 5_000_000
    with pytest.raises(Answered):
        call(there.url(), {}, BODY, terms())
    assert sum(read) <= calling.MOST_READ + 20_000


def test_a_head_without_end_is_not_read(there: Receiver) -> None:
    there.answer = {f"X-{n}": "z" * 1000 for n in range(2000)}
    assert refusal(there.url(), terms()) == "line: HTTPException"


def test_how_long_it_wants_to_be_left_alone_is_heard(there: Receiver) -> None:
    there.status, there.answer = 429, {"Retry-After": "120"}
    with pytest.raises(Answered) as caught:
        call(there.url(), {}, BODY, terms())
    assert (caught.value.wait, caught.value.out_of_order) == (120, True)


@pytest.mark.parametrize("how", ["before", "after", "inside"])
def test_a_line_that_breaks_is_said_so(there: Receiver, how: str) -> None:
    there.breaks = lambda: how
    with pytest.raises(OutOfReach, match="line: "):
        call(there.url(), {}, BODY, terms())
