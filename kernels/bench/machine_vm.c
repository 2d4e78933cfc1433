/* Is this a virtual machine, and whose? Asked of the processor first, then of the firmware's tables. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "kernels/bench/file.h"
#include "kernels/bench/machine.h"

struct name {
	const char *mark, *name;
};

#if defined(__x86_64__) || defined(__i386__)
/* Signatures of the hypervisor leaf. */
static const struct name signatures[] = {
	{"KVMKVMKVM", "KVM"},        {"Linux KVM Hv", "KVM"},      {"VMwareVMware", "VMware"},
	{"Microsoft Hv", "Hyper-V"}, {"XenVMMXenVMM", "Xen"},      {"VBoxVBoxVBox", "VirtualBox"},
	{"TCGTCGTCGTCG", "QEMU"},    {"bhyve bhyve", "bhyve"},     {"ACRNACRNACRN", "ACRN"},
	{"prl hyperv", "Parallels"}, {" lrpepyh vr", "Parallels"}, {"QNXQVMBSQG", "QNX"},
};

static const char *ask_processor(void)
{
	unsigned a, b, c, d;
	static char word[13];

	if (!__get_cpuid(1, &a, &b, &c, &d))
		return NULL;
	if (!(c >> 31))
		return "none";
	__cpuid(0x40000000, a, b, c, d);
	memcpy(word, &b, 4);
	memcpy(word + 4, &c, 4);
	memcpy(word + 8, &d, 4);
	for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
		if (!strcmp(word, signatures[i].mark))
			return signatures[i].name;
	for (char *p = word; *p; p++)
		if (!isprint((unsigned char)*p))
			return "unnamed hypervisor";
	return word[0] ? word : "unnamed hypervisor";
}
#else
static const char *ask_processor(void)
{
	return NULL;
}
#endif

/* Names of machines that exist only as virtual ones. */
static const struct name machines[] = {
	{"QEMU", "QEMU"},
	{"KVM", "KVM"},
	{"VMware", "VMware"},
	{"VirtualBox", "VirtualBox"},
	{"innotek", "VirtualBox"},
	{"Parallels", "Parallels"},
	{"Bochs", "Bochs"},
	{"Apple Virtualization", "Apple"},
	{"Google Compute Engine", "Google Compute Engine"},
	{"OpenStack", "OpenStack"},
};

static const char *ask_firmware(void)
{
	static char type[64];
	static const char *const files[] = {"/sys/class/dmi/id/product_name", "/sys/class/dmi/id/sys_vendor"};
	char text[256];

	if (file_line("/sys/hypervisor/type", type, sizeof type))
		return strcmp(type, "xen") ? type : "Xen";
	if (file_line("/proc/device-tree/hypervisor/compatible", text, sizeof text))
		return strstr(text, "kvm") ? "KVM" : "unnamed hypervisor";
	for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
		if (!file_line(files[f], text, sizeof text))
			continue;
		for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
			if (strstr(text, machines[i].mark))
				return machines[i].name;
	}
	return NULL;
}

const char *machine_vm(void)
{
	const char *word = ask_processor();

	return word ? word : ask_firmware();
}
