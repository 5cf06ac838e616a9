// SPDX-License-Identifier: Apache-2.0
#include "agent/libvirt/vm_names.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <pugixml.hpp>
#include <set>
#include <sstream>

namespace agent::libvirt {
namespace {

/// A run-time XML file is some ten thousand octets long; what is much longer is none.
constexpr std::uintmax_t kLongestFile = 4U << 20U;

/// Nanoseconds of the last change, 0 when the file cannot be seen.
std::int64_t modified_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return 0;
  return status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
}

std::string read_text(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error || size > kLongestFile) return {};
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

VmInterface read_interface(const pugi::xml_node& node) {
  VmInterface interface;
  interface.mac = lldp::parse_mac_address(node.child("mac").attribute("address").value());
  interface.source = node.child("source").attribute("dev").value();
  interface.mode = node.child("source").attribute("mode").value();
  // For a network's interface, what was really made is told beside it.
  const auto actual = node.child("actual");
  const auto port = actual ? actual.child("virtualport") : node.child("virtualport");
  if (actual) {
    interface.source = actual.child("source").attribute("dev").value();
    interface.mode = actual.child("source").attribute("mode").value();
  }
  interface.port_type = port.attribute("type").value();
  if (interface.port_type == "802.1Qbg") {
    interface.instance = vdp::parse_uuid(port.child("parameters").attribute("instanceid").value());
  }
  return interface;
}

}  // namespace

std::optional<VmDescription> parse_vm(const std::string& xml) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return std::nullopt;
  const auto status = document.child("domstatus");
  const auto domain = status.child("domain");
  if (!domain) return std::nullopt;
  VmDescription vm;
  vm.name = domain.child("name").text().get();
  const std::string_view state = status.attribute("state").value();
  const std::string_view reason = status.attribute("reason").value();
  vm.leaving = (state == "paused" || state == "shutoff") &&
               (reason == "migration" || reason == "migrated" || reason == "post-copy");
  for (const auto node : domain.child("devices").children("interface")) {
    vm.interfaces.push_back(read_interface(node));
  }
  return vm;
}

void VmNames::leave(const std::string& path) {
  const auto gone = [&](const auto& entry) { return entry.second == path; };
  std::erase_if(by_instance_, gone);
  std::erase_if(by_mac_, gone);
  files_.erase(path);
}

void VmNames::enter(const std::string& path) {
  leave(path);
  auto& file = files_[path];
  file.modified = modified_at(path);
  if (auto vm = parse_vm(read_text(path))) file.vm = std::move(*vm);
  for (const auto& interface : file.vm.interfaces) {
    if (interface.instance) by_instance_[*interface.instance] = path;
    if (interface.mac) by_mac_[*interface.mac] = path;
  }
}

bool VmNames::refresh(std::size_t most) {
  if (directory_.empty()) return false;
  std::set<std::string> present;
  std::vector<std::string> changed;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    if (entry.path().extension() != ".xml") continue;
    const auto path = entry.path().string();
    present.insert(path);
    const auto known = files_.find(path);
    if (known == files_.end() || known->second.modified != modified_at(path)) {
      changed.push_back(path);
    }
  }
  std::vector<std::string> gone;
  for (const auto& [path, file] : files_) {
    if (!present.contains(path)) gone.push_back(path);
  }
  for (const auto& path : gone) leave(path);
  for (std::size_t i = 0; i < std::min(most, changed.size()); ++i) enter(changed[i]);
  return changed.size() > most;
}

const std::string* VmNames::file_of(const vdp::VsiId& id,
                                    const std::optional<lldp::MacAddress>& mac) const {
  if (const auto found = by_instance_.find(id); found != by_instance_.end()) return &found->second;
  if (!mac) return nullptr;
  const auto found = by_mac_.find(*mac);
  return found == by_mac_.end() ? nullptr : &found->second;
}

std::string_view VmNames::name_of(const vdp::VsiId& id,
                                  const std::optional<lldp::MacAddress>& mac) const {
  const auto* const path = file_of(id, mac);
  return path == nullptr ? std::string_view() : files_.at(*path).vm.name;
}

bool VmNames::is_leaving(const vdp::VsiId& id, const lldp::MacAddress& mac) const {
  const auto* const path = file_of(id, mac);
  if (path == nullptr) return false;
  const auto& file = files_.at(*path);
  if (file.modified == modified_at(*path)) return file.vm.leaving;
  const auto vm = parse_vm(read_text(*path));
  return vm && vm->leaving;
}

std::vector<const VmDescription*> VmNames::all() const {
  std::vector<const VmDescription*> all;
  all.reserve(files_.size());
  for (const auto& [path, file] : files_) all.push_back(&file.vm);
  return all;
}

}  // namespace agent::libvirt
