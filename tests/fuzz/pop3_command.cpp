// POP3 command lines: each gives a valid command or says what is wrong, and what was read can be written and is read as
// the same again.
#include "wire/pop3_command.h"

#include "text/utf8.h"

#include <cstdint>
#include <format>

using namespace postern;
using namespace postern::wire::pop3;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const line(reinterpret_cast<char const*>(data), size);
    auto const command = parse_command(line);
    if (!command) {
        require(!command.error().empty());
        return 0;
    }
    if (auto const* user = std::get_if<User>(&*command)) require(!user->name.empty() && text::is_utf8(user->name));
    if (auto const* pass = std::get_if<Pass>(&*command)) require(line.ends_with(pass->password.reveal()));
    if (auto const* top = std::get_if<Top>(&*command)) {
        auto const again = parse_command(std::format("TOP {} {}", top->message, top->lines));
        require(again && std::get<Top>(*again).message == top->message && std::get<Top>(*again).lines == top->lines);
    }
    return 0;
}
