#include "setup/words_tables.h"

#include <algorithm>
#include <array>

namespace postern::setup {

Words const& words_in(std::string_view language) {
    static constexpr std::array<Words const*, languages.size()> tables{&english, &german, &french, &spanish, &russian};
    auto const place = static_cast<std::size_t>(std::ranges::find(languages, language) - languages.begin());
    return *tables[place < tables.size() ? place : 0];
}

} // namespace postern::setup
