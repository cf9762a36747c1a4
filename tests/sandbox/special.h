/*
 * The attempts of attempts.c that take more than one call with constant arguments, and what is made ready for
 * them before the sandbox. They answer as a system call does: -1 with errno.
 */
#pragma once

/* A page of our own, for calls that want memory. */
#define BUFFER_BYTES 4096
extern char a_page[BUFFER_BYTES];

void prepare_memfd(void);
void prepare_program(void);
void prepare_udp(void);
void prepare_tcp(void);
void prepare_listener(void);
void prepare_pidfd(void);
void prepare_namespace(void);
void prepare_folder(void);
void prepare_pipe(void);

long try_execveat(void);
long try_execve(void);
long try_mprotect(void);
long try_fork(void);
long try_thread(void);
long try_clone3(void);
long try_clone_user(void);
long try_read_init(void);
long try_write_init(void);
long try_tgkill_init(void);
long try_tgkill_self(void);
long try_kill_self(void);
long try_signal_by_pidfd(void);
long try_steal_fd(void);
long try_sigqueue(void);
long try_signal_browser(void);
long try_bind(void);
long try_connect(void);
long try_connect_browser(void);
long try_connect_abstract(void);
long try_sendto_address(void);
long try_send_fd(void);
long try_listen(void);
long try_socketpair(void);
long try_pipe(void);
long try_find_segment(void);
long try_capset(void);
long try_sigaction(void);
long try_another_filter(void);
long try_sigaltstack(void);
long try_seal(void);
long try_grow(void);
long try_allocate_file(void);
long try_write_file(void);
long try_setns(void);
long try_open_in_folder(void);
long try_nonblocking(void);
long try_memory(void);
long try_setuid_program(void);
long try_abort(void);
long try_null(void);
long try_trap(void);
long try_terminate(void);
long try_exit(void);
#ifdef __x86_64__
long try_sys_fork(void);
long try_vfork(void);
long try_x32(void);
long try_int80(void);
#endif
