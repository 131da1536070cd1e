"""The results as a table on the screen: both servers one above the other, and the product as a share of Node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.chat_load.phases import Result, Times

HEAD = (
    f"{'clients':>7}  {'load':<24}{'server':<9}{'messages/s':>11}{'deliveries/s':>14}"
    f"{'ack p50':>9}{'p95':>9}{'p99 ms':>9}{'seen p50':>10}{'p99 ms':>9}{'CPU':>6}{'µs/msg':>8}{'load':>6}"
)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The product beside Node under one load: shares of throughput, multiples of time."""

    clients: int
    load: str
    messages: float
    deliveries: float
    ack_p50: float
    ack_p99: float
    cpu_per_message: float


def ratios(results: Sequence[Result]) -> list[Ratio]:
    """Pair the results of both servers."""
    of_node = {(one.clients, one.load): one for one in results if one.server == "node"}
    return list(_ratios(results, of_node))


def _ratios(results: Sequence[Result], of_node: dict[tuple[int, str], Result]) -> Iterator[Ratio]:
    for one in results:
        node = of_node.get((one.clients, one.load))
        if one.server == "node" or node is None or one.ack_ms is None or node.ack_ms is None:
            continue
        yield Ratio(
            one.clients,
            one.load,
            messages=round(one.messages_per_second / node.messages_per_second, 3),
            deliveries=round(one.deliveries_per_second / max(node.deliveries_per_second, 0.1), 3),
            ack_p50=round(one.ack_ms.p50 / node.ack_ms.p50, 1),
            ack_p99=round(one.ack_ms.p99 / node.ack_ms.p99, 1),
            cpu_per_message=round(one.server_us_per_message / max(1, node.server_us_per_message), 1),
        )


def show(results: Sequence[Result]) -> None:
    """Print the results, and below each pair of servers what share the product reaches."""
    shares = {(one.clients, one.load): one for one in ratios(results)}
    print(HEAD)
    for one in sorted(results, key=lambda each: (each.clients, each.load)):
        ack, seen = one.ack_ms or Times(0, 0, 0), one.delivery_ms or Times(0, 0, 0)
        print(
            f"{one.clients:>7}  {one.load:<24}{one.server:<9}{one.messages_per_second:>11.0f}"
            f"{one.deliveries_per_second:>14.0f}{ack.p50:>9.1f}{ack.p95:>9.1f}{ack.p99:>9.1f}"
            f"{seen.p50:>10.1f}{seen.p99:>9.1f}{one.server_cpu:>6.2f}{one.server_us_per_message:>8}{one.load_cpu:>6.2f}"
        )
        if one.refused or one.lines_cut:
            print(f"{'':>9}{one.refused} messages refused, {one.lines_cut} lines cut by the server")
        share = shares.get((one.clients, one.load))
        if one.server == "node" and share:
            print(
                f"{'':>9}{'':<24}{'ratio':<9}{share.messages:>11.2f}{share.deliveries:>14.2f}"
                f"{share.ack_p50:>8.1f}×{'':>9}{share.ack_p99:>8.1f}×{'':>25}{share.cpu_per_message:>7.1f}×"
            )
