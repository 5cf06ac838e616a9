# SPDX-License-Identifier: Apache-2.0
"""Unit tests that another kernel may have to skip: here each of them must run."""
import os
import pathlib
import subprocess
import xml.etree.ElementTree

import pytest

BUILD = pathlib.Path(os.environ.get("EVBD_BUILD", "build/gcc"))
TESTS = [
    "BridgeTest.ABridgeThatFiltersVlansGetsMembershipWithTheAddress",
    "DevicePlaceTest.ReadsTheVlanOfAVlanDeviceBelowAMacvtap",
    "DevicePlaceTest.FindsTheDevicesThatLibvirtMayMeanTheNewestFirst",
    "PacketSocketTest.SeesNothingThatBelongsToVlanDevicesAbove",
    "SChannelsTest.EachChannelButTheDefaultOneHasADevice",
    "SChannelsTest.ADeviceInUseIsSetDownWhileItsChannelIsWanted",
    "SChannelsTest.ANewSvidIsANewDeviceOnceNobodyUsesTheOldOne",
    "SChannelsTest.AnSvidThatADeviceInUseHasStillIsWaitedFor",
    "SChannelsTest.WhatIsNotConfiguredAnyMoreGoesThoughItIsInUse",
    "SChannelsTest.TwoChannelsMayChangeTheirSvids",
    "SChannelsTest.ABridgesDeviceIsALockedPortOfTheUplinksBridge",
    "SChannelsTest.WhatSomebodyElseMadeIsNotTouched",
    "SChannelsTest.WhatAnEarlierRunLeftIsRemovedUnlessItsChannelIsWanted",
    "SChannelsTest.WhatTheKernelRefusesIsSaidOnceAndTriedAgainWhenTheChannelComesAgain",
    "SChannelsTest.ANameThatIsTooLongIsToldInsteadOfCut",
    "SChannelsAnywhereTest.AKernelWithoutVlanDevicesIsToldFromOneWithThem",
]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """One run of the test program for all of them. Name -> its <testcase>."""
    report = tmp_path_factory.mktemp("units") / "report.xml"
    ran = subprocess.run([BUILD / "tests/agent_tests", f"--gtest_filter={':'.join(TESTS)}",
                          f"--gtest_output=xml:{report}"], capture_output=True, text=True, timeout=120)
    print(ran.stdout, ran.stderr)
    cases = xml.etree.ElementTree.parse(report).iter("testcase")
    return {f"{case.get('classname')}.{case.get('name')}": case for case in cases}


@pytest.mark.parametrize("name", TESTS)
def test_unit(results, name):
    assert name in results, "no such unit test: was it renamed?"
    case = results[name]
    assert case.get("result") == "completed", f"it was {case.get('result')}"
    assert case.find("failure") is None, case.find("failure").get("message")
