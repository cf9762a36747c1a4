/* `bulkhead log [FILE] …`: print a log, one readable line a message. */
#pragma once

/* argv[0] is "log". Returns the exit status: 1 when the log cannot be read, 2 for bad usage. */
int log_command(int argc, char **argv);
