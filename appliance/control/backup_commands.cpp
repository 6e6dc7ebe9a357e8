#include "backup/office_copy.h"
#include "control/actions.h"
#include "control/backup_status.h"
#include "control/daemon.h"

#include <boost/json/parse.hpp>

#include <memory>

namespace postern::control {

// Piece by piece, as whoever writes it to a slow medium takes it: between two of them no reader is kept busy.
asio::awaitable<Answer> send_backup_content(Call call) {
    office::Storage& storage = call.daemon.office.storage;
    auto const copy = co_await storage.compute(
        [&store = storage.store(), data = call.daemon.data, now = call.daemon.office.clock.wall()] {
            return backup::begin_copy(store, data, now);
        });
    if (!copy) co_return refused(copy.error());
    for (;;) {
        auto const piece = co_await storage.compute([copy = *copy] { return backup::next_piece(*copy); });
        if (!piece) co_return refused(piece.error());
        if (piece->empty()) co_return nullptr;
        if (!co_await call.send(*piece)) co_return refused("the copy of the store was given up");
    }
}

asio::awaitable<Answer> take_backup_report(Call call) {
    boost::system::error_code error;
    auto const report = json::parse(call.arguments.word("report"), error);
    if (error || !report.is_object()) co_return refused("report is a JSON object");
    auto const kept = note_backup(call.daemon.data, report.get_object());
    if (!kept) co_return refused(kept.error());
    co_return nullptr;
}

} // namespace postern::control
