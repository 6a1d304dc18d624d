#ifndef PYODIDE_SSL_MEMORY_H
#define PYODIDE_SSL_MEMORY_H

/* Makes OpenSSL allocate through the counter. 1, or 0 when OpenSSL has allocated already. */
int glue_count_allocations(void);

#endif
