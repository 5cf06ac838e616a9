# SPDX-License-Identifier: Apache-2.0
"""The stage of the lab's tests: a switch whose Linux bridge filters VLANs."""
import evbd
from ground import EVB, Ground
from wire_ends import End

TYPES = """
[[vsi_type]]
id = 1193047
version = 2
name = "tenant"
untagged = 2
tagged = [10, 11]

[[vsi_type]]
id = 5
version = 1
name = "tagged only"
tagged = [2, 12]
"""
ALL_VLANS = (2, 10, 11, 12)


class VlanStreet(Ground):
    """A switch whose Linux bridge filters VLANs, and a server that is in all of them."""

    def __init__(self, lab, host=None, nics=None, more="", types=TYPES):
        super().__init__(lab, ALL_VLANS, host, nics)
        self.bridge = evbd.Evbd(self.switch, [evbd.port_table("port1", "bridge", EVB)], types)
        self.station = evbd.Evbd(self.host, [evbd.port_table("eth0", "station", EVB)], more)
        self.station.wait_for_evb()
        self.near, self.far = End(self.host, "eth0"), End(self.server, "eth0")

    def close(self):
        self.near.close()
        self.far.close()
        super().close()

    def associate(self, vsi, mac, vlan, **options):
        answer = self.station.request("associate", options.pop("device", "eth0"), vsi, mac=mac,
                                      vlan=vlan, **options)
        assert answer.returncode == 0, answer.stdout + answer.stderr

    def filters(self, vsi):
        """(VID, MAC) of each entry of the VSI's association on the wire."""
        return {(int.from_bytes(one.filters[at + 6:at + 8], "big") & 0xFFF,
                 one.filters[at:at + 6].hex(":"))
                for one in self.capture.associations()
                if one.id == vsi.replace("-", "") and not one.response
                for at in range(0, 8 * one.entries, 8)}
