// Each language's words, a file each. A word that is missing there is found by the tests.
#pragma once

#include "setup/words.h"

namespace postern::setup {

extern Words const english, german, french, spanish, russian;

} // namespace postern::setup
