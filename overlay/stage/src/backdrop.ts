/**
 * Whether the page is looked at in a plain tab and needs something behind the avatar. OBS puts `obsstudio` into its
 * pages; `?backdrop=0` and `?backdrop=1` decide for programs that do not say who they are.
 */
export function isPlainTab(query: URLSearchParams, inObs: boolean): boolean {
  const wanted = query.get("backdrop");
  if (wanted === "0" || wanted === "1") return wanted === "1";
  return !inObs;
}
