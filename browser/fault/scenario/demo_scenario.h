/* data/scenarios/demo.json, built into the executable. */
#pragma once

extern const char demo_scenario[];
