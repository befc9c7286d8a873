/* pgvigil: finds the front end that was asked for and runs it. */
#include "base/attr.h"

int main(void)
{
    return 0;
}
