// A stub of whatever a message begins with: it has one state and one MIME header, whoever forges others, its body is
// lines that every mail program takes, and so it is when the original is lost.
#include "fetch/stub.h"

#include "message/header.h"
#include "text/ascii.h"

#include <cstdint>
#include <string_view>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

void check(std::string_view stub) {
    auto const body = message::header_end(stub);
    require(body != std::string_view::npos);
    message::HeaderSection const header(stub.substr(0, body));
    for (std::string_view const name : {"Postern-State", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}) {
        int fields = 0;
        for (message::Field const& field : header) fields += text::iequals(field.name, name) ? 1 : 0;
        require(fields == 1);
    }
    std::size_t column = 0;
    for (char const c : stub.substr(body)) {
        column = c == '\n' ? 0 : column + 1;
        require(column <= 77 && text::is_ascii(c)); // with the CR
    }
    require(stub.ends_with("\r\n"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const beginning(reinterpret_cast<char const*>(data), size);
    auto const stub = fetch::make_stub(fetch::outline_of(beginning, 1'000'000));
    check(stub);
    check(fetch::make_lost(stub, "it is gone"));
    (void)fetch::make_lost(beginning, "it is gone");
    return 0;
}
