/*
 * System calls without the C library: for code that runs in memory it shares with another process (errno
 * would be the other's too), for credentials (glibc would send signals to the browser's threads), and for
 * init.c, which has no C library. The answer is the kernel's own: a negative errno on failure.
 */
#pragma once
#include <stdint.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
static inline long rawcall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
static inline long rawcall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory", "cc");
	return x0;
}
#else
#error "rawcall6 is not written for this machine"
#endif

/* rawcall(number, up to six arguments, integers or pointers) */
#define rawcall(...) rawcall_pick(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define rawcall_pick(number, a, b, c, d, e, f, ...)                                                          \
	rawcall6((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
