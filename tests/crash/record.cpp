#include "record.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace postern::crash {

namespace {

struct Head {
    Kind kind{};
    std::uint32_t path_octets = 0;
    std::uint64_t number = 0;
    std::uint64_t data_octets = 0;
};

iovec piece(void const* from, std::size_t octets) { return {.iov_base = const_cast<void*>(from), .iov_len = octets}; }

} // namespace

void append(int log, Record const& record) {
    Head const head{record.kind, static_cast<std::uint32_t>(record.path.size()), record.number, record.data.size()};
    iovec const pieces[] = {piece(&head, sizeof head), piece(record.path.data(), record.path.size()),
                            piece(record.data.data(), record.data.size())};
    auto const whole = static_cast<long>(sizeof head + record.path.size() + record.data.size());
    // Not by the name writev, which is the recorder's own within the recorder.
    if (::syscall(SYS_writev, log, pieces, 3) != whole) throw std::system_error(errno, std::generic_category(), "log");
}

std::vector<Record> read_log(std::string_view log) {
    std::vector<Record> records;
    auto const take = [&](std::uint64_t octets) {
        if (octets > log.size()) throw std::runtime_error("the log ends within a record");
        auto const taken = log.substr(0, octets);
        log.remove_prefix(octets);
        return taken;
    };
    while (!log.empty()) {
        Head head;
        std::memcpy(&head, take(sizeof head).data(), sizeof head);
        auto const path = take(head.path_octets);
        records.push_back({head.kind, path, head.number, take(head.data_octets)});
    }
    return records;
}

} // namespace postern::crash
