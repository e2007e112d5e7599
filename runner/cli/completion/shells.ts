/**
 * Scripts that make a shell call `pushspec complete -- words…` for each completion. It prints one candidate on each
 * line: the text, a tab and a description. Without candidates the shell completes file names; after a slash no space
 * is added.
 */
export const shells = {
  bash: `# Completes pushspec in bash: source <(pushspec completion bash)
_pushspec() {
  local line words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  # "--option=" is two words for bash; its value begins after them.
  [[ \${COMP_WORDS[COMP_CWORD]} == = ]] && words+=("")
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("$1" complete -- "\${words[@]}" 2>/dev/null)
  if [[ \${COMPREPLY[0]} == */ ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _pushspec pushspec
`,
  zsh: `#compdef pushspec
# Completes pushspec in zsh: source <(pushspec completion zsh), or save it as _pushspec in a folder of $fpath
_pushspec() {
  local line
  local -a texts shown space
  for line in "\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    texts+=("\${line%%$'\\t'*}")
    shown+=("\${line/$'\\t'/  }")
  done
  if (( ! $#texts )); then
    _files
    return
  fi
  [[ $texts[1] == */ ]] && space=(-S '')
  compadd "\${(@)space}" -l -d shown -a texts
}
if [[ $funcstack[1] == _pushspec ]]; then _pushspec "$@"; else compdef _pushspec pushspec; fi
`,
  fish: `# Completes pushspec in fish: pushspec completion fish | source
function __pushspec_candidates
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c pushspec -f -k -a '(__pushspec_candidates)'
`,
} as const
