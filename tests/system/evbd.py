# SPDX-License-Identifier: Apache-2.0
"""evbd as a child process with a configuration written here, and evbctl to talk to it."""
import json
import os
import pathlib
import signal

import lab

BUILD = pathlib.Path(os.environ.get(
    "EVBD_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build/gcc"))
TYPES = """
[[vsi_type]]
id = 1193047
version = 2
name = "tenant"
any_vlan = true
default_vlan = 7
"""


def toml(value):
    return json.dumps(value)  # for booleans, numbers and text, both languages agree


def port_table(name, role, evb=None, lldp=None, retry=None, **keys):
    """One [[port]]; exponents are small, so that timers of the protocol run in tenths of seconds."""
    lines = ["[[port]]", f"name = {toml(name)}", f"role = {toml(role)}"]
    lines += [f"{key} = {toml(value)}" for key, value in keys.items()]
    tables = {"evb": {"rte": 10, "rwd": 14, "rka": 16, "retries": 3, **(evb or {})},
              "lldp": {"management_address": False, **(lldp or {})}}
    if role == "station":
        tables["retry"] = {"first": 1, "longest": 2, **(retry or {})}
    for table, values in tables.items():
        lines += [f"[port.{table}]"] + [f"{key} = {toml(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


class Evbd:
    """One evbd in a host. It can be stopped, killed and started again with the same files."""

    def __init__(self, host, ports, types=TYPES, api=None, log_level="debug"):
        self.host, self.folder = host, host.lab.short_folder() / host.namespace[len(lab.PREFIX) + 1:]
        self.folder.mkdir(parents=True)
        self.socket, self.file = self.folder / "evbd.sock", self.folder / "evbd.toml"
        self.log_level, self.api = log_level, api or {}
        self.configure(ports, types)
        self.start()

    def configure(self, ports, types=TYPES):
        """Writes the file; a running evbd reads it when it is told to."""
        api = "".join(f"{key} = {toml(value)}\n" for key, value in self.api.items())
        self.file.write_text(
            f'[agent]\nlog_level = "{self.log_level}"\nrun_dir = {toml(str(self.folder))}\n'
            f"[api]\nsocket = {toml(str(self.socket))}\n{api}"
            f"[profiles]\ndatabase = {toml(str(self.folder / 'profiles.db'))}\n"
            + "\n".join(ports) + types)

    def put_profile(self, name, *words):
        """A port profile in the database: "mtu=1400", "transmit=10000000", "tagged=10", ..."""
        values = {}
        for word in words:
            key, value = word.split("=", 1)
            value = int(value) if value.isdigit() else True if value == "yes" else value
            values.setdefault(key, []).append(value)
        lines = ["[[port_profile]]", f"name = {toml(name)}"]
        for key, given in values.items():
            known = {"mac": "macs", "mode": "modes", "tagged": "tagged"}.get(key)
            if known:
                lines.append(f"{known} = {toml(given)}")
            elif key in ("transmit", "receive"):
                lines.append(f"{key} = {toml(str(given[0]))}")
            elif key != "listed":  # follows from the list
                lines.append(f"{key} = {toml(given[0])}")
        file = self.folder / "profile.toml"
        file.write_text("\n".join(lines) + "\n")
        lab.run(BUILD / "evbctl", "profile", "import", file, "--db", self.folder / "profiles.db")

    def put_types(self, text, *options):
        """VSI types into the database of a running evbd, which has noticed them on return."""
        file = self.folder / "types.toml"
        file.write_text(text)
        told = self.process.text().count("VSI type(s)")
        answer = self.ctl("type", "import", file, "--db", self.folder / "profiles.db", *options)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        lab.wait_for(lambda: self.process.text().count("VSI type(s)") > told,
                     "evbd notices the change")

    def start(self):
        name = f"evbd-{self.host.namespace[len(lab.PREFIX) + 1:]}"
        self.process = self.host.start(name, BUILD / "evbd", "--config", self.file)
        lab.wait_for(lambda: self.alive() and self.ctl("agent", "show").returncode == 0,
                     f"{name} answers")

    def alive(self):
        if not self.process.alive():
            raise AssertionError(f"evbd ended with {self.process.child.returncode}:\n"
                                 f"{self.process.text()}")
        return True

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.kill()

    def reload(self):
        self.process.send(signal.SIGHUP)

    # ---- evbctl --------------------------------------------------------------------------------

    def ctl(self, *words, timeout=30):
        return self.host.run(BUILD / "evbctl", "--socket", self.socket, *words, check=False,
                             timeout=timeout)

    def json(self, *words):
        answer = self.ctl("--json", *words)
        assert answer.returncode == 0, f"evbctl {words}: {answer.stdout}{answer.stderr}"
        return json.loads(answer.stdout)

    def port(self, name=None):
        return self.json("port", "show", *([name] if name else []))[0]

    def vsis(self):
        """VSI id -> its report."""
        return {vsi["id"]: vsi for vsi in self.json("vsi", "show")}

    def states(self):
        return {name: vsi["state"] for name, vsi in self.vsis().items()}

    def request(self, verb, device, vsi, vlan=2, mac=None, manager=11, type_id=1193047, version=2,
                options=()):
        """vsi associate, preassociate: with the options that say what an XML file would."""
        words = ["vsi", verb, "--device", device, "--instanceid", vsi, "--managerid", manager,
                 "--typeid", type_id, "--typeidversion", version]
        if mac:
            words += ["--mac", mac]
        if vlan is not None:
            words += ["--vlan", vlan]
        return self.ctl(*words, *options)

    def wait_for_evb(self, name=None):
        lab.wait_for(lambda: self.alive() and self.port(name).get("in_use", {}).get("on"),
                     "EVB is agreed")

    def wait_for_state(self, vsi, state, patience=lab.PATIENCE):
        lab.wait_for(lambda: self.alive() and self.states().get(vsi) == state, f"{vsi} is {state}",
                     patience)
