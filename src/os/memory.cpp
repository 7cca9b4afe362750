#include "os/memory.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <set>

#include "os/error.h"

namespace weerbaar::os {
namespace {

// What a disk writes whole or not at all.
constexpr uint64_t kSectorBytes = 512;
// A mistaken offset must not take the memory of the machine.
constexpr uint64_t kFileBytesMax = uint64_t{4} << 30U;

// Decides what of the unsynced changes reached the disk. Everything follows from the seed (splitmix64, by S. Vigna).
class Luck {
 public:
  explicit Luck(uint64_t seed) : all_is_lost_(seed == 0), state_(seed) { turn(); }

  // New odds, from nothing to everything in eighths: else a crash that keeps nearly all of a large write, and loses
  // nearly all of its neighbour, would never be seen.
  void turn() { odds_ = next() % 9; }

  bool keeps() { return !all_is_lost_ && next() % 8 < odds_; }

  // How many of `count` changes to one place got through, the oldest first.
  uint64_t keeps_of(uint64_t count) {
    if (all_is_lost_ || count == 0) return 0;
    return keeps() ? count : next() % count;
  }

 private:
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27U) * 0x94d049bb133111ebU;
    return z ^ z >> 31U;
  }

  bool all_is_lost_;
  uint64_t state_;
  uint64_t odds_ = 0;
};

void put(Bytes& bytes, uint64_t offset, ByteView data) {
  if (bytes.size() < offset + data.size()) bytes.resize(offset + data.size());
  std::ranges::copy(data, bytes.begin() + static_cast<ptrdiff_t>(offset));
}

// The bytes of one file: as programs see them, as the disk holds them, and what lies between.
class Content {
 public:
  Content() = default;
  explicit Content(Bytes bytes) : seen_(bytes), durable_(std::move(bytes)) {}

  [[nodiscard]] const Bytes& seen() const { return seen_; }

  void write(uint64_t offset, ByteView data) {
    const bool grows = seen_.size() < offset + data.size();
    put(seen_, offset, data);
    unsynced_.push_back(
        {.offset = offset, .data = Bytes(data.begin(), data.end()), .resizes = grows, .size = seen_.size()});
  }

  void resize(uint64_t size) {
    if (size == seen_.size()) return;
    seen_.resize(size);
    unsynced_.push_back({.offset = 0, .data = {}, .resizes = true, .size = size});
  }

  void sync() {
    // Replayed, not copied: the cost follows what was written, not the size of the file.
    for (const Write& write : unsynced_) {
      if (write.resizes) durable_.resize(write.size);
      put(durable_, write.offset, write.data);
    }
    unsynced_.clear();
  }

  // What the disk holds after a power failure. Each sector stops at some moment between the last sync and now, and the
  // size at another; a sector that got through lies within the file whatever became of the size.
  [[nodiscard]] Bytes after_crash(Luck& luck) const {
    luck.turn();
    std::map<uint64_t, uint64_t> kept;  // by sector: how many of its writes, the first ones
    uint64_t kept_sizes = 0;
    for (const Write& write : unsynced_) {
      kept_sizes += write.resizes ? 1 : 0;
      for_each_sector(write, [&](uint64_t sector, uint64_t, ByteView) { ++kept[sector]; });
    }
    for (auto& [sector, count] : kept) count = luck.keeps_of(count);
    kept_sizes = luck.keeps_of(kept_sizes);

    Bytes disk = durable_;
    for (const Write& write : unsynced_) {
      if (write.resizes && kept_sizes > 0) {
        --kept_sizes;
        disk.resize(write.size);
      }
      for_each_sector(write, [&](uint64_t sector, uint64_t offset, ByteView data) {
        if (uint64_t& left = kept[sector]; left > 0) {
          --left;
          put(disk, offset, data);
        }
      });
    }
    return disk;
  }

 private:
  struct Write {
    uint64_t offset;
    Bytes data;
    bool resizes;
    uint64_t size;  // of the file, afterwards
  };

  // visit(sector, offset, data) for the part of the write in each sector.
  template <class Visit>
  static void for_each_sector(const Write& write, Visit visit) {
    ByteView rest = write.data;
    uint64_t offset = write.offset;
    while (!rest.empty()) {
      const size_t length = std::min<size_t>(rest.size(), kSectorBytes - offset % kSectorBytes);
      visit(offset / kSectorBytes, offset, rest.first(length));
      rest = rest.subspan(length);
      offset += length;
    }
  }

  Bytes seen_;
  Bytes durable_;
  std::vector<Write> unsynced_;
};

struct Node;
using NodePtr = std::shared_ptr<Node>;
using Entries = std::map<std::string, NodePtr, std::less<>>;

// A file or a directory; its name is the business of the directory it is in.
struct Node {
  explicit Node(bool directory) : is_directory(directory) {}

  const bool is_directory;
  Entries seen;     // of a directory: its entries as programs see them
  Entries durable;  // and as the disk holds them
  Content content;  // of a file
  bool locked = false;
};

// An entry in a directory, there or not.
struct Place {
  NodePtr directory;
  std::string name;

  [[nodiscard]] NodePtr node() const {
    const auto found = directory->seen.find(name);
    return found == directory->seen.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::pair<const Node*, std::string> key() const { return {directory.get(), name}; }
};

// One entry made to point at `node`, or removed when that is null.
struct Edit {
  Place place;
  NodePtr node;

  void apply(Entries& entries) const {
    if (node == nullptr) {
      entries.erase(place.name);
    } else {
      entries[place.name] = node;
    }
  }
};

// Edits that reach the disk together: the two halves of a rename. Syncing the directory of the last one commits them.
using Change = std::vector<Edit>;

// Entries by directory and name.
using Keys = std::set<std::pair<const Node*, std::string>>;

bool touches(const Change& change, const Keys& keys) {
  return std::ranges::any_of(change, [&](const Edit& edit) { return keys.contains(edit.place.key()); });
}

void add_keys(Keys& keys, const Change& change) {
  for (const Edit& edit : change) keys.insert(edit.place.key());
}

void make_durable(const Change& change) {
  for (const Edit& edit : change) edit.apply(edit.place.directory->durable);
}

// The names in a path. Everything is below one root, where relative paths start too. There are no symbolic links, so
// ".." can be taken by name.
std::vector<std::string> names_in(std::string_view path) {
  std::vector<std::string> names;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    if (name == "..") {
      if (!names.empty()) names.pop_back();
    } else if (!name.empty() && name != ".") {
      names.emplace_back(name);
    }
  }
  return names;
}

// Everything that the handles share with the file system. The mutex guards all of it, nodes included.
class Disk {
 public:
  std::mutex mutex;

  [[nodiscard]] uint64_t crashes() const { return crashes_; }

  Result<NodePtr> find(std::string_view operation, const std::string& path) const {
    if (path.empty()) return fail_errno(operation, path, ENOENT);
    return walk(operation, path, names_in(path));
  }

  Result<NodePtr> find_directory(std::string_view operation, const std::string& path) const {
    WEERBAAR_ASSIGN(NodePtr node, find(operation, path));
    if (!node->is_directory) return fail_errno(operation, path, ENOTDIR);
    return node;
  }

  Result<NodePtr> find_file(std::string_view operation, const std::string& path) const {
    WEERBAAR_ASSIGN(NodePtr node, find(operation, path));
    if (node->is_directory) return fail_errno(operation, path, EISDIR);
    return node;
  }

  // Where the last name of a path is, or could be made.
  Result<Place> find_place(std::string_view operation, const std::string& path) const {
    if (path.empty()) return fail_errno(operation, path, ENOENT);
    std::vector<std::string> names = names_in(path);
    if (names.empty()) return fail_errno(operation, path, EBUSY);  // the root itself
    std::string name = std::move(names.back());
    names.pop_back();
    WEERBAAR_ASSIGN(NodePtr directory, walk(operation, path, names));
    if (!directory->is_directory) return fail_errno(operation, path, ENOTDIR);
    return Place{.directory = std::move(directory), .name = std::move(name)};
  }

  // The file, made when absent.
  Result<NodePtr> find_or_make_file(std::string_view operation, const std::string& path) {
    WEERBAAR_ASSIGN(Place place, find_place(operation, path));
    NodePtr node = place.node();
    if (node == nullptr) {
      node = std::make_shared<Node>(false);
      change({Edit{.place = std::move(place), .node = node}});
    }
    if (node->is_directory) return fail_errno(operation, path, EISDIR);
    return node;
  }

  void change(Change change) {
    for (const Edit& edit : change) edit.apply(edit.place.directory->seen);
    unsynced_.push_back(std::move(change));
  }

  // Commits the changes of one directory, and those of others on which they build: after x was moved here, its entry
  // in the directory it came from cannot be the one of before.
  void sync(const Node* directory) {
    std::vector<bool> committed(unsynced_.size());
    Keys needed;
    for (size_t i = unsynced_.size(); i-- > 0;) {
      committed[i] = unsynced_[i].back().place.directory.get() == directory || touches(unsynced_[i], needed);
      if (committed[i]) add_keys(needed, unsynced_[i]);
    }
    std::vector<Change> rest;
    for (size_t i = 0; i < unsynced_.size(); ++i) {
      if (committed[i]) {
        make_durable(unsynced_[i]);
      } else {
        rest.push_back(std::move(unsynced_[i]));
      }
    }
    unsynced_ = std::move(rest);
  }

  void crash(uint64_t seed) {
    Luck luck(seed);
    // In any order, but one entry does not skip a change: what builds on a lost one is lost.
    Keys lost;
    for (const Change& change : unsynced_) {
      if (luck.keeps() && !touches(change, lost)) {
        make_durable(change);
      } else {
        add_keys(lost, change);
      }
    }
    unsynced_.clear();
    // New nodes, so that handles from before cannot reach what is there now.
    root_ = after_crash(*root_, luck);
    ++crashes_;
  }

 private:
  Result<NodePtr> walk(std::string_view operation, const std::string& path,
                       const std::vector<std::string>& names) const {
    NodePtr node = root_;
    for (const std::string& name : names) {
      if (!node->is_directory) return fail_errno(operation, path, ENOTDIR);
      const auto found = node->seen.find(name);
      if (found == node->seen.end()) return fail_errno(operation, path, ENOENT);
      node = found->second;
    }
    return node;
  }

  static NodePtr after_crash(const Node& before, Luck& luck) {
    NodePtr node = std::make_shared<Node>(before.is_directory);
    if (!before.is_directory) node->content = Content(before.content.after_crash(luck));
    for (const auto& [name, child] : before.durable) node->durable.emplace(name, after_crash(*child, luck));
    node->seen = node->durable;
    return node;
  }

  NodePtr root_ = std::make_shared<Node>(true);
  std::vector<Change> unsynced_;  // to names, oldest first
  uint64_t crashes_ = 0;
};

class MemoryFile final : public File {
 public:
  MemoryFile(std::shared_ptr<Disk> disk, NodePtr node, std::string path, bool writable)
      : disk_(std::move(disk)),
        node_(std::move(node)),
        path_(std::move(path)),
        writable_(writable),
        crashes_(disk_->crashes()) {}

  Result<size_t> read_at(uint64_t offset, std::span<uint8_t> buffer) override {
    const std::lock_guard guard(disk_->mutex);
    WEERBAAR_TRY(check_alive("read"));
    const Bytes& bytes = node_->content.seen();
    if (offset >= bytes.size()) return size_t{0};
    const auto found = ByteView(bytes).subspan(offset, std::min<uint64_t>(buffer.size(), bytes.size() - offset));
    std::ranges::copy(found, buffer.begin());
    return found.size();
  }

  Status write_at(uint64_t offset, ByteView data) override {
    const std::lock_guard guard(disk_->mutex);
    WEERBAAR_TRY(check_alive("write"));
    if (data.empty()) return {};
    if (!writable_) return fail_errno("write", path_, EBADF);
    if (offset > kFileBytesMax || data.size() > kFileBytesMax - offset) return fail_errno("write", path_, EFBIG);
    node_->content.write(offset, data);
    return {};
  }

  Status sync() override {
    const std::lock_guard guard(disk_->mutex);
    WEERBAAR_TRY(check_alive("sync"));
    node_->content.sync();
    return {};
  }

  Result<uint64_t> size() override {
    const std::lock_guard guard(disk_->mutex);
    WEERBAAR_TRY(check_alive("take the size of"));
    return node_->content.seen().size();
  }

  Status resize(uint64_t size) override {
    const std::lock_guard guard(disk_->mutex);
    return set_size("resize", size);
  }

  void start_writing(uint64_t, uint64_t) override {}
  void expect_no_reads(uint64_t, uint64_t) override {}
  Status preallocate(uint64_t size) override {
    const std::lock_guard guard(disk_->mutex);
    return set_size("preallocate", std::max<uint64_t>(size, node_->content.seen().size()));
  }

 private:
  [[nodiscard]] Status check_alive(std::string_view operation) const {
    if (crashes_ != disk_->crashes()) return fail_errno(operation, path_, ESTALE);
    return {};
  }

  Status set_size(std::string_view operation, uint64_t size) {
    WEERBAAR_TRY(check_alive(operation));
    if (!writable_) return fail_errno(operation, path_, EBADF);
    if (size > kFileBytesMax) return fail_errno(operation, path_, EFBIG);
    node_->content.resize(size);
    return {};
  }

  const std::shared_ptr<Disk> disk_;
  const NodePtr node_;
  const std::string path_;
  const bool writable_;
  const uint64_t crashes_;  // of the disk when this was opened
};

// A copy: the file must not change while mapped, so nobody can tell.
class MemoryMapping final : public Mapping {
 public:
  MemoryMapping(std::shared_ptr<Disk> disk, Bytes bytes)
      : disk_(std::move(disk)), bytes_(std::move(bytes)), crashes_(disk_->crashes()) {}

  [[nodiscard]] ByteView bytes() const override {
    const std::lock_guard guard(disk_->mutex);
    return crashes_ == disk_->crashes() ? ByteView(bytes_) : ByteView();
  }

 private:
  const std::shared_ptr<Disk> disk_;
  const Bytes bytes_;
  const uint64_t crashes_;
};

class MemoryLock final : public Lock {
 public:
  MemoryLock(std::shared_ptr<Disk> disk, NodePtr node) : disk_(std::move(disk)), node_(std::move(node)) {}
  MemoryLock(const MemoryLock&) = delete;
  MemoryLock& operator=(const MemoryLock&) = delete;
  ~MemoryLock() override {
    const std::lock_guard guard(disk_->mutex);
    node_->locked = false;
  }

 private:
  const std::shared_ptr<Disk> disk_;
  const NodePtr node_;
};

}  // namespace

struct MemoryFileSystem::State : Disk {};

MemoryFileSystem::MemoryFileSystem() : state_(std::make_shared<State>()) {}
MemoryFileSystem::~MemoryFileSystem() = default;

Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, Mode mode) {
  const std::lock_guard guard(state_->mutex);
  WEERBAAR_ASSIGN(NodePtr node,
                  mode == Mode::kCreate ? state_->find_or_make_file("open", path) : state_->find_file("open", path));
  return std::make_unique<MemoryFile>(state_, std::move(node), path, mode != Mode::kRead);
}

Result<std::unique_ptr<Mapping>> MemoryFileSystem::map(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  WEERBAAR_ASSIGN(const NodePtr node, state_->find_file("map", path));
  return std::make_unique<MemoryMapping>(state_, node->content.seen());
}

Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& directory) {
  const std::lock_guard guard(state_->mutex);
  WEERBAAR_ASSIGN(const NodePtr node, state_->find_directory("list", directory));
  std::vector<std::string> names;
  for (const auto& [name, child] : node->seen) names.push_back(name);
  return names;
}

bool MemoryFileSystem::exists(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  return state_->find("look for", path).has_value();
}

Status MemoryFileSystem::make_directory(const std::string& path, bool /*owner_only*/) {
  constexpr std::string_view kOperation = "make the directory";
  {
    const std::lock_guard guard(state_->mutex);
    if (const auto found = state_->find(kOperation, path)) {
      return (*found)->is_directory ? Status() : fail_errno(kOperation, path, EEXIST);
    }
    if (path.empty()) return fail_errno(kOperation, path, ENOENT);
  }
  WEERBAAR_TRY(make_directory(parent(path), false));

  const std::lock_guard guard(state_->mutex);
  WEERBAAR_ASSIGN(const Place place, state_->find_place(kOperation, path));
  const NodePtr there = place.node();
  if (there == nullptr) {
    state_->change({Edit{.place = place, .node = std::make_shared<Node>(true)}});
    state_->sync(place.directory.get());
  } else if (!there->is_directory) {
    return fail_errno(kOperation, path, EEXIST);
  }
  return {};
}

Status MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const std::string operation = "rename " + from + " to";
  const std::lock_guard guard(state_->mutex);
  WEERBAAR_ASSIGN(const Place source, state_->find_place(operation, from));
  WEERBAAR_ASSIGN(const Place target, state_->find_place(operation, to));
  const NodePtr node = source.node();
  const NodePtr replaced = target.node();
  if (node == nullptr) return fail_errno(operation, to, ENOENT);
  if (node == replaced) return {};
  if (node->is_directory && source.directory != target.directory) return fail_errno(operation, to, EXDEV);
  if (replaced != nullptr && node->is_directory != replaced->is_directory) {
    return fail_errno(operation, to, replaced->is_directory ? EISDIR : ENOTDIR);
  }
  if (replaced != nullptr && !replaced->seen.empty()) return fail_errno(operation, to, ENOTEMPTY);
  state_->change({Edit{.place = source, .node = nullptr}, Edit{.place = target, .node = node}});
  return {};
}

Status MemoryFileSystem::remove(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  WEERBAAR_ASSIGN(const Place place, state_->find_place("remove", path));
  const NodePtr node = place.node();
  if (node == nullptr) return fail_errno("remove", path, ENOENT);
  if (!node->seen.empty()) return fail_errno("remove", path, ENOTEMPTY);
  state_->change({Edit{.place = place, .node = nullptr}});
  return {};
}

Status MemoryFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  WEERBAAR_ASSIGN(const NodePtr node, state_->find_directory("sync the directory", path));
  state_->sync(node.get());
  return {};
}

Result<std::unique_ptr<Lock>> MemoryFileSystem::lock(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  WEERBAAR_ASSIGN(NodePtr node, state_->find_or_make_file("lock", path));
  if (node->locked) return fail_errno("lock", path, EWOULDBLOCK);
  node->locked = true;
  return std::make_unique<MemoryLock>(state_, std::move(node));
}

void MemoryFileSystem::crash(uint64_t seed) {
  const std::lock_guard guard(state_->mutex);
  state_->crash(seed);
}

}  // namespace weerbaar::os
