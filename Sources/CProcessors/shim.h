#ifdef __linux__
#include <pthread.h>
#include <sched.h>
// sched_setaffinity(2), sched_getcpu(3), pthread_attr_setaffinity_np(3): Linux's own, which Swift's module of glibc leaves out.
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set);
int sched_getcpu(void);
int pthread_attr_setaffinity_np(pthread_attr_t *attributes, size_t size, const cpu_set_t *set);
#endif
