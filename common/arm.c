/* See arm.h. */
#include "common/arm.h"

void arm_fault(const struct ipc_arm_fault *m, struct channel *to_browser)
{
	(void)m;
	(void)to_browser;
}

bool arm_remove(uint32_t arm)
{
	(void)arm;
	return false;
}
