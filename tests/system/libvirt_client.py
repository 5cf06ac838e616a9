#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Speaks to the 802.1Qbg agent as libvirtd does, without VMs: for storms that libvirtd is too slow for.

libvirt_client.py storm DEVICE SEED THREADS: each thread starts and stops a VM that is only a macvtap,
until SIGUSR1, and prints "yes" or "no" for each start; then "over {...}" is printed: which VMs run,
instance id -> MAC. The VMs stay, and notifications of the agent are answered, until SIGTERM.
libvirt_client.py say DEVICE HEX...: sends octets as they are and prints each answer's milliseconds and octets.
"""
import ctypes
import itertools
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

ERROR, NEWLINK, GETLINK, SETLINK = 2, 16, 18, 19
IFNAME, VFINFO_LIST, VF_PORTS, EXT_MASK = 3, 22, 24, 29
NESTED, REQUEST_ACK = 0x8000, 5
ASSOCIATE, DISASSOCIATE = 2, 3
NO_VF = 0xFFFFFFFF
POLLS, INTERVAL = 80, 0.125
PID_FILE = "/run/lldpad.pid"
PR_SET_NAME = 15


def attribute(kind, value):
    return struct.pack("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def nest(kind, *parts):
    return attribute(kind | NESTED, b"".join(parts))


def attributes(data):
    """Type and value of each attribute."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("HH", data)
        if length < 4:
            return
        yield kind & 0x3FFF, data[4:length]
        data = data[length + 3 & ~3:]


def inside(data, *kinds):
    """The value of a nested attribute, None where there is none."""
    for kind in kinds:
        data = next((value for each, value in attributes(data) if each == kind), None)
        if data is None:
            return None
    return data


class Client:
    """The sockets of one libvirtd: an event socket, and a new one for each request."""

    def __init__(self, device):
        # evbd finds libvirt's daemons by their names, and their sockets by the PID in the port ids.
        ctypes.CDLL(None).prctl(PR_SET_NAME, b"libvirtd", 0, 0, 0)
        self.device, self.index = device, socket.if_nametoindex(device)
        self.numbers = itertools.count(1)
        self.events = self.open(os.getpid())

    def open(self, port_id):
        made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        made.bind((port_id, 0))
        return made

    def ask(self, message):
        """Sends one message and waits for its answer without limit, as libvirt does."""
        port_id = os.getpid() + (next(self.numbers) % 500 << 22)
        with self.open(port_id) as asker, open(PID_FILE) as file:
            asker.sendto(message, (int(file.read()), 0))
            return asker.recv(1 << 20)

    def message(self, kind, payload):
        head = struct.pack("IHHII", 16 + 16 + len(payload), kind, REQUEST_ACK, 1, os.getpid())
        return head + struct.pack("BxHiII", 0, 0, self.index, 0, 0) + payload

    def set_link(self, vm, request):
        """True when the agent has taken the request."""
        payload = attribute(IFNAME, self.device.encode() + b"\0")
        payload += nest(VFINFO_LIST, nest(1, attribute(1, struct.pack("I32s", NO_VF, vm.octets)),
                                          attribute(2, struct.pack("III", NO_VF, 0, 0))))
        payload += nest(VF_PORTS, nest(1, attribute(3, bytes.fromhex("0b57341202000000")),
                                       attribute(4, bytes.fromhex(vm.id.replace("-", ""))),
                                       attribute(6, bytes([request]))))
        answer = self.ask(self.message(SETLINK, payload))
        return answer[4:6] == struct.pack("H", ERROR) and answer[16:20] == bytes(4)

    def poll(self, vm):
        """The RESPONSE of this VM's VSI, None while it is in progress; raises when it is not told."""
        answer = self.ask(self.message(GETLINK, attribute(EXT_MASK, struct.pack("I", 1))))
        if struct.unpack_from("H", answer, 4)[0] != NEWLINK:
            raise OSError("the poll was refused")
        for _, port in attributes(inside(answer[32:], VF_PORTS) or b""):
            known = dict(attributes(port))
            if known[4].hex() == vm.id.replace("-", ""):
                return struct.unpack("H", known[7])[0] if 7 in known else None
        raise OSError("the VSI is not in the answer")

    def operate(self, vm, request):
        """A start or a stop; True if the agent said yes in time."""
        try:
            if not self.set_link(vm, request):
                return False
            for _ in range(POLLS):
                response = self.poll(vm)
                if response is not None:
                    return response == 0
                time.sleep(INTERVAL)
        except (OSError, ValueError):  # no agent, or it died
            pass
        return False

    def serve_events(self, vms):
        """Associates again what the agent says is de-associated (reference: libvirt's callback)."""
        while True:
            message = self.events.recv(65536)
            mac = inside(message[32:], VFINFO_LIST, 1, 1)
            request = inside(message[32:], VF_PORTS, 1, 6)
            for vm in vms:
                if vm.running and request == bytes([DISASSOCIATE]) and mac[4:10] == vm.octets[:6]:
                    try:
                        self.set_link(vm, ASSOCIATE)
                    except (OSError, ValueError):
                        pass


class Vm:
    def __init__(self, number):
        self.id = f"5707a000-0000-4000-8000-{number:012x}"
        self.mac = f"52:54:00:dd:{number >> 8:02x}:{number & 0xFF:02x}"
        self.octets, self.name = bytes.fromhex(self.mac.replace(":", "")), f"storm{number}"
        self.running = False

    def plug(self, device):
        subprocess.run(["ip", "link", "add", "link", device, "name", self.name, "address", self.mac,
                        "type", "macvtap", "mode", "vepa"], check=True)

    def unplug(self):
        subprocess.run(["ip", "link", "del", self.name], check=True)


def live(client, vm, chance, over):
    """One VM's life: libvirt's order of things at start, failed start and stop."""
    while not over.is_set():
        vm.plug(client.device)
        vm.running = client.operate(vm, ASSOCIATE)
        print("yes" if vm.running else "no", flush=True)
        if vm.running and over.wait(chance.uniform(0, 0.3)):
            return
        if vm.running:
            vm.running = False
            client.operate(vm, DISASSOCIATE)
        vm.unplug()


def storm(device, seed, threads):
    client, over = Client(device), threading.Event()
    vms = [Vm(number) for number in range(threads)]
    signal.signal(signal.SIGUSR1, lambda *_: over.set())
    lives = [threading.Thread(target=live, daemon=True,
                              args=(client, vm, random.Random(f"{seed}-{vm.id}"), over))
             for vm in vms]
    threading.Thread(target=client.serve_events, args=(vms,), daemon=True).start()
    for each in lives:
        each.start()
    print("storming", flush=True)
    for each in lives:
        while each.is_alive():
            each.join(0.1)
    print("over", json.dumps({vm.id: vm.mac for vm in vms if vm.running}), flush=True)
    signal.pause()


def say(device, messages):
    client = Client(device)
    for message in messages:
        began = time.monotonic()
        answer = client.ask(bytes.fromhex(message))
        print(f"{(time.monotonic() - began) * 1000:.3f} {answer.hex()}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "storm":
        storm(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        say(sys.argv[2], sys.argv[3:])
