#include "raise.h"

void glue_raise(int library, int reason) {
    ERR_new();
    ERR_set_error(library, reason, NULL);
}
