# SPDX-License-Identifier: Apache-2.0
"""The list of scenarios: name, one line of meaning, and the function that plays it."""
SCENARIOS = {}
SHOWS = {}  # by name: the deviation of `evbreplay check` that its frames have to show


class NotHere(Exception):
    """This machine lacks what the scenario needs; its folder stays as it was."""


def scenario(name, meaning, shows=None):
    """The function plays the scenario on a Stage and asserts what it is about."""
    def enter(play):
        assert name not in SCENARIOS, f"{name} stands twice"
        SCENARIOS[name] = (meaning, play)
        if shows is not None:
            SHOWS[name] = shows
        return play
    return enter
