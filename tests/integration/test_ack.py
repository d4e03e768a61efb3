"""`driftwatch ack` against what the shard makes of the answer."""

import json

from client import make_event

PLAN = {"plan_id": "p", "plan_type": "CP", "cpp_start_date": "2026-01-05"}


def test_ack_refuses_the_past_and_tells_the_date_in_force(env):
    with env.daemon(partitions=1, clock="create_time") as daemon:
        client = daemon.client()
        daemon.wait_for_policy()
        for kind, body in (("child_updated", {"person_birth_date": "2015-01-05"}), ("plan_started", PLAN)):
            client.publish(make_event(kind, "late", "2026-01-05T09:00:00Z", body), log_time="2026-01-05T09:00:00Z")
        client.tick("2026-01-20T09:00:00Z")
        client.flush()
        daemon.settle(client)

        def alert():
            lines = map(json.loads, daemon.tool("alerts", "--json").stdout.splitlines())
            return next((a for a in lines if a["rule_id"] == "CP-07"), None)

        def ack(review_by, *more, check=True):
            return daemon.tool("ack", alert()["alert_id"], "--reason", "WORKER_SICK", "--ref", "NOTE-1",
                               "--review-by", review_by, *more, check=check)

        env.wait(alert, 20, "the visit to be overdue")
        ends = client.ends()
        done = ack("2026-01-19", check=False)
        assert done.returncode == 1 and "the review date Mon 19 Jan 2026 is past" in done.stderr, done
        assert client.ends() == ends, "something was appended"

        told = ack("2026-06-01").stdout
        assert "the longest that is allowed (asked for: Mon 1 Jun 2026)" in told, told
        daemon.settle(client)
        env.wait(lambda: alert().get("review_by"), 20, "the answer to stand")
        shortened = alert()["review_by"]
        assert "2026-01-20" < shortened < "2026-06-01", shortened

        told = json.loads(ack("2026-06-01", "--json").stdout)
        assert told["review_by"] == shortened, (told, shortened)
        assert json.loads(ack("2026-01-20", "--json").stdout)["review_by"] == "2026-01-20"
        daemon.settle(client)
        env.wait(lambda: alert()["review_by"] == "2026-01-20", 20, "the shorter answer to stand")
