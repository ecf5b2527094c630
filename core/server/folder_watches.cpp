#include "server/folder_watches.h"

#include <iterator>
#include <utility>

namespace turnpike::server {

FolderWatches::~FolderWatches() {
    if (notifier_) loop_.remove(notifier_.get(), *this);
}

int FolderWatches::start() {
    auto made = os::makeNotifier();
    if (!made) return -made.error().code;
    notifier_ = std::move(*made);
    return loop_.add(notifier_.get(), os::kReadable, *this);
}

tp_folder_watch* FolderWatches::add(int folder, void (*changed)(void*, uint32_t, tp_str), void* arg,
                                    int32_t* error) {
    if (!notifier_) *error = start();
    if (!notifier_) return nullptr;
    const int number = os::watchFolder(notifier_.get(), folder, os::Class::File);
    if (number < 0) {
        *error = number;
        return nullptr;
    }
    List& list = watches_[number];
    list.push_back(std::make_unique<tp_folder_watch>(tp_folder_watch{changed, arg, number}));
    return list.back().get();
}

void FolderWatches::remove(tp_folder_watch* watch) {
    watch->is_over = true;
    has_dead_ = true;
    if (!is_telling_) sweep();
}

void FolderWatches::onEvent(uint32_t, uint32_t) {
    is_telling_ = true;
    os::readChanges(
        notifier_.get(), [this](const os::FolderChange& change) { tell(change); }, os::Class::File);
    is_telling_ = false;
    sweep();
}

void FolderWatches::tell(const os::FolderChange& change) {
    using What = os::FolderChange::What;
    if (change.what == What::Lost) {
        std::vector<int> numbers;  // those that are told may watch more
        for (const auto& [number, list] : watches_) numbers.push_back(number);
        for (int number : numbers) tellOne(watches_[number], TP_FOLDER_GONE, {});
        return;
    }
    auto found = watches_.find(change.watch);
    if (found == watches_.end()) return;
    if (change.what != What::Over) {
        tellOne(found->second, change.what == What::Gone ? TP_FOLDER_GONE : TP_FOLDER_NAME, change.name);
        return;
    }
    // The kernel may give the number to another folder from now on.
    List ended = std::move(found->second);
    watches_.erase(found);
    tellOne(ended, TP_FOLDER_GONE, {});
    orphans_.insert(orphans_.end(), std::make_move_iterator(ended.begin()), std::make_move_iterator(ended.end()));
}

void FolderWatches::tellOne(const List& list, uint32_t what, std::string_view name) {
    // By number: a callback may add to the list.
    const size_t count = list.size();
    for (size_t i = 0; i < count && i < list.size(); ++i) {
        tp_folder_watch* watch = list[i].get();
        if (!watch->is_over) watch->changed(watch->arg, what, {name.data(), name.size()});
    }
}

void FolderWatches::sweep() {
    if (!std::exchange(has_dead_, false)) return;
    auto isOver = [](const auto& watch) { return watch->is_over; };
    std::erase_if(orphans_, isOver);
    for (auto at = watches_.begin(); at != watches_.end();) {
        std::erase_if(at->second, isOver);
        if (!at->second.empty()) {
            ++at;
            continue;
        }
        os::unwatchFolder(notifier_.get(), at->first, os::Class::File);
        at = watches_.erase(at);
    }
}

}  // namespace turnpike::server
