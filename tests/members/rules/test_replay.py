"""From lines of the tail to what has to be done again."""

import json

from members.rules import replay
from members.rules.replay import Doomed

AT = "2026-11-25T03:00:00.000000+00:00"


def entry(seq, code="compliance.effect.completed", *, digest="", ref="", data=None, items=()):
    return {
        "line": "entry",
        "seq": seq,
        "hash": digest or f"h{seq}",
        "at": AT,
        "code": code,
        "service_slug": "mikmik",
        "actor": "",
        "subject_key": "k1",
        "object_ref": ref,
        "data": json.dumps(data or {}),
        "items": list(items),
    }


def intent(seq, *records, kind=replay.DUE, ref="destruction_plan:1:1", destroys=True):
    payload = {"records": list(records)}
    return {
        "line": "effect",
        "seq": seq,
        "kind": kind,
        "ref": ref,
        "destroys": destroys,
        "payload": payload,
    }


def certificate(seq, records, ref="destruction_plan:1:1"):
    return entry(seq, replay.CERTIFIED, ref=ref, data={"records": records})


def doomed(*lines):
    return list(replay.doomed(lines, replay.gather(lines, None)))


def test_only_what_came_after_the_shared_entry_is_done_again():
    lines = [entry(1, replay.LEFT, ref="withdrawal:1"), entry(2, replay.LEFT, ref="withdrawal:2")]
    assert [event.ref for event in replay.gather(lines, (1, "h1")).events] == ["withdrawal:2"]
    assert replay.gather(lines, (2, "h2")).events == []
    assert replay.gather(lines, None).events == []
    assert len(replay.gather(lines, (0, "0" * 64)).events) == 2


def test_after_an_earlier_restore_the_place_in_the_file_counts_and_not_the_number():
    lines = [
        entry(1),
        entry(2, replay.LEFT, ref="withdrawal:old"),
        {"line": "restart", "seq": 1, "hash": "h1"},
        entry(2, replay.LEFT, digest="other", ref="withdrawal:new"),
    ]
    of_new_branch = replay.gather(lines, (1, "h1")).events
    assert [event.ref for event in of_new_branch] == ["withdrawal:new"]
    of_old_branch = replay.gather(lines, (2, "h2")).events
    assert [event.ref for event in of_old_branch] == ["withdrawal:new"]


def test_a_run_that_a_hold_stopped_destroys_nothing():
    assert doomed(intent(1, "a"), certificate(2, 0)) == []
    assert doomed(intent(1, "a"), certificate(2, 1)) == [Doomed(replay.DUE, ("a",), True)]
    assert doomed(intent(1, "a")) == [Doomed(replay.DUE, ("a",), False)]


def test_a_reference_that_was_used_twice_is_judged_each_time():
    lines = [intent(1, "a"), certificate(2, 0), intent(5, "b"), certificate(6, 1)]
    assert doomed(*lines) == [Doomed(replay.DUE, ("b",), True)]


def test_what_only_makes_keys_names_nothing():
    assert doomed(intent(1, "a", kind="members.record.seal", destroys=False)) == []


def test_messages_are_known_by_person_or_by_themselves():
    items = [
        {"object_ref": "delivery:aa", "data": "{}"},
        {"object_ref": "", "data": '{"delivery":"bb"}'},
    ]
    lines = [entry(1), entry(2, replay.SENT, items=items)]
    assert replay.gather(lines, (1, "h1")).sent == {"aa", "bb"}
