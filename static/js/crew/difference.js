// What became of a list: how many are new, how many gone, and how many of the others changed their place.
// Moved are those that had to move: all but the longest run that kept its order.

export function difference(before, after) {
  const was = new Set(before);
  const is = new Set(after);
  const stayed = after.filter((id) => was.has(id));
  const places = stayed.map((id) => before.indexOf(id));
  return {
    fresh: after.length - stayed.length,
    gone: before.filter((id) => !is.has(id)).length,
    moved: stayed.length - longestRise(places),
  };
}

function longestRise(numbers) {
  const ends = [];
  for (const number of numbers) {
    const place = ends.findIndex((end) => end >= number);
    ends[place < 0 ? ends.length : place] = number;
  }
  return ends.length;
}
