"""How much of some cores others take: other processes, and the host that a virtual machine runs on."""
import os
import resource
import time

TICK = os.sysconf("SC_CLK_TCK")


def busy_seconds(cpus):
    """Seconds that the cores have worked so far for anybody, time stolen by the host among them."""
    wanted = {f"cpu{c}" for c in cpus}
    total = 0
    with open("/proc/stat") as stat:
        for line in stat:
            name, *fields = line.split()
            if name in wanted:
                user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
                total += user + nice + system + irq + softirq + steal
    return total / TICK


def own_seconds():
    """Processor time of this process and of the children that have ended."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in usages)


class Others:
    """The share of the cores that others took since the object was made: 0 is a quiet machine, 1 leaves nothing."""

    def __init__(self, cpus):
        self.cpus = cpus
        self.begin = (time.monotonic(), busy_seconds(cpus), own_seconds())

    def share(self):
        wall, busy, own = (now - then for now, then in
                           zip((time.monotonic(), busy_seconds(self.cpus), own_seconds()), self.begin))
        return min(1.0, max(0.0, (busy - own) / (wall * len(self.cpus)))) if wall > 0 else 0.0


def wait_until_quiet(cpus, patience, limit=0.05):
    """Waits, for at most `patience` seconds, until others take less than `limit` of the cores for half a second."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        others = Others(cpus)
        time.sleep(0.5)
        if others.share() < limit:
            return
