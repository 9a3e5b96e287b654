#ifdef __linux__
// Where the linker put the variables that begin as zero: ld(1) defines these names.
extern char __bss_start[], _end[];
static inline char *zeroed_variables_start(void) { return __bss_start; }
static inline char *zeroed_variables_end(void) { return _end; }
#endif
