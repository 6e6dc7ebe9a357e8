#include "wire/pop3_request.h"

#include <format>
#include <stdexcept>
#include <utility>

namespace postern::wire::pop3::request {

namespace {

core::Secret secret_line(std::string_view verb, std::string_view argument) {
    if (argument.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        throw std::invalid_argument("a line end in a POP3 command");
    return core::Secret(std::format("{} {}\r\n", verb, argument));
}

} // namespace

std::string capa() { return "CAPA\r\n"; }
std::string stls() { return "STLS\r\n"; }
core::Secret user(std::string_view name) { return secret_line("USER", name); }
core::Secret pass(core::Secret const& password) { return secret_line("PASS", password.reveal()); }
std::string list() { return "LIST\r\n"; }
std::string uidl() { return "UIDL\r\n"; }
std::string retr(std::uint32_t message) { return std::format("RETR {}\r\n", message); }
std::string top(std::uint32_t message, std::uint32_t lines) { return std::format("TOP {} {}\r\n", message, lines); }
std::string dele(std::uint32_t message) { return std::format("DELE {}\r\n", message); }
std::string quit() { return "QUIT\r\n"; }

} // namespace postern::wire::pop3::request
