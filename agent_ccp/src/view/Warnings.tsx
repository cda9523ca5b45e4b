import Alert from '@cloudscape-design/components/alert';

export function TextList({ texts }: { texts: readonly string[] }) {
  if (texts.length === 0) return null;
  if (texts.length === 1) return <p className="words">{texts[0]}</p>;
  return <ul className="plain">{texts.map((text) => <li key={text}>{text}</li>)}</ul>;
}

export function Warnings({ header, texts }: { header: string; texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <Alert type="warning" header={header}>
      <TextList texts={texts} />
    </Alert>
  );
}

/** Beside the sender, in a list of facts. */
export function SenderWarnings({ texts }: { texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <div className="fact wide">
      <dt>Warning</dt>
      <dd>
        <Warnings header="Take care with this sender" texts={texts} />
      </dd>
    </div>
  );
}
