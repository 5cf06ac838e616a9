# SPDX-License-Identifier: Apache-2.0
"""The list of scenarios: name, one line of meaning, and the function that plays it."""
SCENARIOS = {}


def scenario(name, meaning):
    """The function plays the scenario on a Stage and asserts what it is about."""
    def enter(play):
        assert name not in SCENARIOS, f"{name} stands twice"
        SCENARIOS[name] = (meaning, play)
        return play
    return enter
